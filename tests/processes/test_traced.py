"""A server that traces sends what it has before it ends, however short it lived."""

from collections.abc import Callable

import httpx

from tests.doubles.collector import collecting

from .programs import Server


def test_the_last_spans_are_sent_at_the_end(serving: Callable[..., Server]) -> None:
    with collecting() as collector:
        server = serving(otel_exporter_otlp_endpoint=collector.address)
        server.start_and_wait()
        assert httpx.get(f"{server.address}/health").status_code == 200
        assert server.stop() == 0, server.log
        assert "GET /health" in collector.spans
