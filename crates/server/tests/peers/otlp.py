"""Reads one ExportTraceServiceRequest from stdin with opentelemetry-proto; a line for each span.

Ends with 77 where that package is not here.
"""

import sys

try:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
except ImportError:
    sys.exit(77)

request = ExportTraceServiceRequest.FromString(sys.stdin.buffer.read())
for resource in request.resource_spans:
    for scope in resource.scope_spans:
        assert scope.scope.name == "saldo", scope.scope
        for span in scope.spans:
            assert span.start_time_unix_nano <= span.end_time_unix_nano, span
            pairs = {}
            for pair in span.attributes:
                value = pair.value
                kind = value.WhichOneof("value")
                assert kind in ("string_value", "int_value"), pair
                pairs[pair.key] = str(getattr(value, kind))
            ids = f"{span.trace_id.hex()} {span.span_id.hex()} {span.parent_span_id.hex()}"
            shown = " ".join(f"{name}={pairs[name]}" for name in sorted(pairs))
            print(f"{ids} {span.kind} {span.name} {shown}")
