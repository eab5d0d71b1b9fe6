"""Errors that nobody expected, told to Sentry; nothing, at no cost, without one.

What is told is where it happened: the kinds of the exceptions, the lines of code, the route's template or the job's
name, the request's id. Never what was sent or stored: no body, header, address, variable, and no exception's text,
which may quote all of these.
"""

from contextlib import suppress
from importlib import metadata
from typing import TYPE_CHECKING, Any

from bookable.kernel.redaction import redacted

if TYPE_CHECKING:  # pragma: no cover - half a second of imports that only who reports pays
    from sentry_sdk import Client

__all__ = ["configure", "is_on", "report", "shut_down"]

_PATIENCE = 2.0
"""Seconds that a process waits at its end for what is still to be told."""
_OF_AN_EVENT = ("event_id", "timestamp", "level", "platform", "release", "environment", "server_name", "sdk")
_LOOKED_THROUGH = ("transaction", "tags", "exception")
_OF_AN_EXCEPTION = {"type", "module", "stacktrace", "mechanism"}
_client: "Client | None" = None


def configure(dsn: str | None, *, environment: str) -> None:
    """Report to the project that `dsn` names (`SENTRY_DSN`), from a thread of its own; None: no reports."""
    global _client
    shut_down()
    if not dsn:
        return
    from sentry_sdk import Client

    _client = Client(
        dsn=dsn,
        environment=environment,
        release=f"bookable@{metadata.version('bookable')}",
        before_send=_without_secrets,
        include_local_variables=False,
        default_integrations=False,  # they would read requests, logs and arguments
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        max_breadcrumbs=0,
        send_client_reports=False,
        spotlight=False,
        shutdown_timeout=_PATIENCE,
    )


def shut_down() -> None:
    """Send what is left, for two seconds at most, and stop."""
    global _client
    client, _client = _client, None
    if client is not None:
        client.close(timeout=_PATIENCE)


def is_on() -> bool:
    """Whether errors are reported."""
    return _client is not None


def report(error: BaseException, *, transaction: str, **tags: str | None) -> None:
    """Tell of an error that was not answered for. Puts it in a queue, drops it when that is full, and never fails.

    `transaction` must be a template or a name of ours, tags ids and words of ours, never a value that a client sent.
    """
    if _client is None:
        return
    with suppress(Exception):  # an error about an error helps nobody
        from sentry_sdk import Scope
        from sentry_sdk.utils import event_from_exception

        scope = Scope(client=_client)
        how = {"type": "bookable", "handled": False}
        event, hint = event_from_exception(error, client_options=_client.options, mechanism=how)
        event["transaction"] = transaction
        event["tags"] = {name: value for name, value in tags.items() if value is not None}
        _client.capture_event(event, hint=hint, scope=scope)


def _without_secrets(event: Any, _: Any) -> Any:
    """The last look at what goes out: what is named here, and nothing else that some version of the SDK may add."""
    for told in event.get("exception", {}).get("values", ()):
        for name in told.keys() - _OF_AN_EXCEPTION:
            del told[name]
        for frame in (told.get("stacktrace") or {}).get("frames", ()):
            frame.pop("vars", None)
            frame.pop("abs_path", None)
    whole = {name: event[name] for name in _OF_AN_EVENT if name in event}
    return {**whole, **redacted({name: event[name] for name in _LOOKED_THROUGH if name in event})}
