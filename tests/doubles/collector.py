"""An OpenTelemetry collector over HTTP, that keeps the spans it is sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

__all__ = ["CollectorDouble", "collecting"]


class CollectorDouble(HTTPServer):
    """Listens on loopback; `spans` has what came, by name, and `bodies` what was sent, byte for byte."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: dict[str, Span] = {}
        self.bodies: list[bytes] = []
        self.address = f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: CollectorDouble

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        request = ExportTraceServiceRequest.FromString(body)
        for scope in (scope for resource in request.resource_spans for scope in resource.scope_spans):
            self.server.spans.update({span.name: span for span in scope.spans})
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def collecting() -> Iterator[CollectorDouble]:
    """A collector, for as long as the block lasts."""
    with CollectorDouble() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        yield collector
        collector.shutdown()
