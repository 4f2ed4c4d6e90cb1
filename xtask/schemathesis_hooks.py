"""What schemathesis cannot make up: the digest of a body, the time of sending, other addresses."""

import base64
import hashlib
import os
import random
import time

import requests
import schemathesis
from urllib3.util import connection

connect = connection.create_connection


def from_somewhere(address, timeout=None, source_address=None, socket_options=None):
    """Failed attempts are limited by address: each connection comes from another one of this
    machine, so that the answer to the attempt is seen and not that there were many."""
    somewhere = (".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))]), 0)
    try:
        return connect(address, timeout, somewhere, socket_options)
    except OSError:
        # Not every system has the whole network of this machine.
        return connect(address, timeout, None, socket_options)


connection.create_connection = from_somewhere
send = requests.Session.send


def send_patiently(self, request, **how):
    """An address that asked too often asks again from another one: what is looked at is the answer
    to the request."""
    for _ in range(5):
        answer = send(self, request, **how)
        if answer.status_code != 429:
            break
    return answer


requests.Session.send = send_patiently


@schemathesis.hook
def before_call(context, case, kwargs):
    """States both on a request, for the bytes that will be sent."""
    own = os.environ.get("SALDO_KEY", "").split(".")
    if len(own) > 2 and (case.path_parameters or {}).get("id") == own[2]:
        # The key that asks is asked for: without it nothing more would be found.
        case.path_parameters["id"] = "0000000000000000"
    made = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
    content = made.body or b""
    content = content.encode() if isinstance(content, str) else content
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    case.headers = case.headers or {}
    case.headers["Content-Digest"] = f"sha-256=:{digest}:"
    case.headers["Connection"] = "close"
    case.headers["Saldo-Timestamp"] = str(int(time.time()))
