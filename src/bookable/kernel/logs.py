"""What happened, one line an event: JSON for machines, readable on a terminal; never a secret, never two lines."""

import json as json_codec
import logging
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from time import time_ns
from typing import Any, TextIO, cast

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from bookable.kernel.redaction import redacted

__all__ = ["begin", "bind", "bound", "configure", "get_logger", "info_without_secrets"]

_encode = msgspec.json.Encoder().encode
_context: ContextVar[dict[str, Any]] = ContextVar("log_context", default={})  # noqa: B039 - never changed in place
_QUIET = {
    "alembic": "WARNING",
    "procrastinate": "WARNING",
    "uvicorn.access": "CRITICAL",
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "asyncio": "WARNING",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def bind(**values: Any) -> None:
    """From here on, every line of this task (and of those that it starts) carries these values."""
    _context.set({**_context.get(), **values})


def begin(**values: Any) -> None:
    """As `bind`, forgetting what was bound before: for what starts a request or a job."""
    _context.set(values)


def bound() -> dict[str, Any]:
    """What every line of this task carries, such as `request_id`."""
    return dict(_context.get())


def get_logger(name: str | None = None) -> FilteringBoundLogger:
    """A logger: `log.info("booking placed", booking_id=…)`."""
    return cast("FilteringBoundLogger", structlog.get_logger(**({"source": name} if name else {})))


def configure(level: str = "INFO", *, json: bool = True, stream: TextIO | None = None) -> None:
    """Send every log, the standard library's and other packages' too, to `stream` (default: stderr)."""
    number = logging.getLevelNamesMapping()[level.upper()]
    out = stream or sys.stderr
    structlog.configure(
        processors=[_with_context, _with_level_and_time, _with_exception, _without_secrets, *_rendering(json, out)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    global _plain
    _plain = _plain_line(number, json, out)
    _take_over_standard_logging(number)


def info_without_secrets(event: str, **values: Any) -> None:
    """An `info` line whose values are known to hold no secret, so that none is looked for: half the cost.

    For what is said of every request; only numbers, ids and words of our own belong in it.
    """
    _plain(event, values)


def _with_context(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {**_context.get(), **event}


def _with_level_and_time(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {"time": _now(), "level": "error" if method == "exception" else method, **event}


def _now() -> str:
    """RFC 3339 to the millisecond."""
    seconds, rest = divmod(time_ns(), 1_000_000_000)
    return f"{_second(seconds)}.{rest // 1_000_000:03d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


_format_exception = structlog.processors.format_exc_info


def _with_exception(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return _format_exception(logger, method, event) if "exc_info" in event else event


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return cast("EventDict", redacted(event))


def _rendering(json: bool, out: TextIO) -> list[Processor]:
    if json:
        return [_as_json]
    return [_as_terminal_text, structlog.dev.ConsoleRenderer(colors=out.isatty(), event_key="event")]


def _as_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    """ASCII only: nothing in a value can end the line, for any reader's idea of a line."""
    return json_codec.dumps(event)


def _as_terminal_text(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {
        name: _CONTROL.sub(_escaped, value) if isinstance(value, str) and name != "exception" else value
        for name, value in event.items()
    }


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _by_structlog(event: str, values: dict[str, Any]) -> None:
    get_logger().info(event, **values)


_plain: Callable[[str, dict[str, Any]], None] = _by_structlog


def _plain_line(level: int, json: bool, out: TextIO) -> Callable[[str, dict[str, Any]], None]:
    if level > logging.INFO:
        return lambda event, values: None
    if not json:
        return _by_structlog

    def line(event: str, values: dict[str, Any]) -> None:
        out.write(_quick_json({"time": _now(), "level": "info", **_context.get(), "event": event, **values}))
        out.flush()

    return line


def _quick_json(values: dict[str, Any]) -> str:
    """A line, by the quicker codec where it writes what the other would."""
    try:
        encoded = _encode(values)
        if encoded.isascii():
            return encoded.decode() + "\n"
    except (TypeError, ValueError):
        pass  # half a surrogate pair, or a type of its own: the other codec's
    return json_codec.dumps(redacted(values)) + "\n"


class _Forwarding(logging.Handler):
    """Hands the standard library's records on to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            log = get_logger(record.name)
            log.log(record.levelno, record.getMessage(), exc_info=record.exc_info)
        except Exception:  # noqa: BLE001 - a log line must not stop what it tells of
            self.handleError(record)


def _take_over_standard_logging(level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [_Forwarding()]
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(quiet)
