"""With a collector every stretch of time arrives there, below its caller's; without one nothing is done."""

import time
from collections.abc import Iterator

import pytest

from bookable.kernel import tracing
from tests.doubles.collector import CollectorDouble, collecting


@pytest.fixture
def collector() -> Iterator[CollectorDouble]:
    with collecting() as one:
        yield one


def test_spans_arrive_one_below_the_other_with_the_callers_trace(collector: CollectorDouble) -> None:
    tracing.configure(collector.address)
    caller = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}

    with tracing.span("GET", parent=caller):
        with tracing.span("transaction", rows=3):
            assert tracing.is_on()
        tracing.rename("GET /celebrities", status=200)
    tracing.shut_down()

    found = collector.spans
    assert found["GET /celebrities"].trace_id.hex() == "ab" * 16
    assert found["GET /celebrities"].parent_span_id.hex() == "cd" * 8
    assert found["transaction"].parent_span_id == found["GET /celebrities"].span_id


def test_a_failure_is_told_by_its_kind_and_not_by_its_text(collector: CollectorDouble) -> None:
    tracing.configure(collector.address)

    with pytest.raises(ValueError), tracing.span("job"):
        raise ValueError("the password was c4n4ry")
    tracing.shut_down()

    assert collector.spans["job"].status.message == "ValueError"
    assert b"c4n4ry" not in b"".join(collector.bodies)


def test_without_a_collector_a_span_costs_next_to_nothing() -> None:
    tracing.configure(None)
    start = time.thread_time()
    for _ in range(10_000):
        with tracing.span("GET /celebrities"):
            pass

    assert time.thread_time() - start < 0.05
    assert not tracing.is_on()
