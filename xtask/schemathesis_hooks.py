"""What schemathesis cannot make up: the digest of a body, the time of sending."""

import base64
import hashlib
import os
import time

import requests
import schemathesis


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
