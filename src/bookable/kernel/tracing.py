"""Where the time of a request went, told to an OpenTelemetry collector; nothing, at no cost, without one."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # pragma: no cover - half a second of imports that only who traces pays
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

__all__ = ["Value", "configure", "is_on", "rename", "shut_down", "span"]

Value = str | int | float | bool
_NOTHING: AbstractContextManager[None] = nullcontext()
_tracer: "Tracer | None" = None
_provider: "TracerProvider | None" = None


def configure(endpoint: str | None, *, service: str = "bookable") -> None:
    """Send spans to the collector at `endpoint` (`OTEL_EXPORTER_OTLP_ENDPOINT`), over HTTP; None: no tracing.

    The other `OTEL_*` variables (headers, sampling) mean what OpenTelemetry says they do.
    """
    global _tracer, _provider
    shut_down()
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    _provider = TracerProvider(resource=Resource.create({"service.name": service}))
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = _provider.get_tracer("bookable")


def shut_down() -> None:
    """Send what is left and stop."""
    global _tracer, _provider
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        provider.shutdown()


def is_on() -> bool:
    """Whether spans are recorded: to save the work of naming them."""
    return _tracer is not None


def span(name: str, *, parent: Mapping[str, str] | None = None, **attributes: Value) -> AbstractContextManager[None]:
    """A stretch of time, inside the one that is running or below a caller's `traceparent` header.

    Give it templates and counts, never a value that a client sent.
    """
    return _NOTHING if _tracer is None else _recorded(_tracer, name, parent, attributes)


def rename(name: str, **attributes: Value) -> None:
    """Give the running span the name that is only known by now, and what else is."""
    if _tracer is None:
        return
    from opentelemetry.trace import get_current_span

    current = get_current_span()
    current.update_name(name)
    current.set_attributes(attributes)


@contextmanager
def _recorded(
    tracer: "Tracer", name: str, parent: Mapping[str, str] | None, attributes: Mapping[str, Value]
) -> Iterator[None]:
    """An exception is recorded by its kind alone: its text may hold what was sent."""
    from opentelemetry.propagate import extract
    from opentelemetry.trace import Status, StatusCode

    context = extract(parent) if parent else None
    with tracer.start_as_current_span(
        name, context, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
