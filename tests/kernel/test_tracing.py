"""With a collector every stretch of time arrives there, below its caller's; without one nothing is done."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bookable.kernel import tracing


class Collector(BaseHTTPRequestHandler):
    bodies: list[bytes]

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[str]:
    Collector.bodies = []
    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def spans() -> dict[str, Span]:
    found = {}
    for body in Collector.bodies:
        request = ExportTraceServiceRequest.FromString(body)
        for scope in (scope for resource in request.resource_spans for scope in resource.scope_spans):
            found.update({span.name: span for span in scope.spans})
    return found


def test_spans_arrive_one_below_the_other_with_the_callers_trace(collector: str) -> None:
    tracing.configure(collector)
    caller = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}

    with tracing.span("GET", parent=caller):
        with tracing.span("transaction", rows=3):
            assert tracing.is_on()
        tracing.rename("GET /celebrities", status=200)
    tracing.shut_down()

    found = spans()
    assert found["GET /celebrities"].trace_id.hex() == "ab" * 16
    assert found["GET /celebrities"].parent_span_id.hex() == "cd" * 8
    assert found["transaction"].parent_span_id == found["GET /celebrities"].span_id


def test_a_failure_is_told_by_its_kind_and_not_by_its_text(collector: str) -> None:
    tracing.configure(collector)

    with pytest.raises(ValueError), tracing.span("job"):
        raise ValueError("the password was c4n4ry")
    tracing.shut_down()

    assert spans()["job"].status.message == "ValueError"
    assert b"c4n4ry" not in b"".join(Collector.bodies)


def test_without_a_collector_a_span_costs_next_to_nothing() -> None:
    tracing.configure(None)
    start = time.thread_time()
    for _ in range(10_000):
        with tracing.span("GET /celebrities"):
            pass

    assert time.thread_time() - start < 0.05
    assert not tracing.is_on()
