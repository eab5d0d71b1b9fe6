"""Whether a request can be read at all: seen from its first line and headers, before any storefront is asked."""

import re
from functools import lru_cache

from bookable.edge.exchange import Scope
from bookable.edge.refusals import MethodNotAllowed, NotReadable, Refusal, TooLarge, TooLong

__all__ = ["why_refused"]

_LONGEST_PATH = 4_000
_LONGEST_QUERY = 16_384
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
_REFUSED_METHODS = frozenset({"TRACE", "TRACK", "CONNECT"})


def why_refused(scope: Scope, headers: dict[bytes, bytes], body_limit: int) -> Refusal | None:
    """What is wrong with a request before any of it reaches a storefront."""
    path, query = scope["path"], scope["query_string"]
    if scope["method"] in _REFUSED_METHODS:
        return MethodNotAllowed()
    if len(path) > _LONGEST_PATH or len(query) > _LONGEST_QUERY:
        return TooLong()
    if "\0" in path or b"%00" in query or not _has_one_host(scope, headers):
        return NotReadable()
    length = headers.get(b"content-length")
    return None if length is None else _refusal_of_length(length, body_limit)


def _refusal_of_length(length: bytes, body_limit: int) -> Refusal | None:
    if not length.isdigit():
        return NotReadable()
    return TooLarge() if len(length) > 15 or int(length) > body_limit else None


def _has_one_host(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """RFC 9112, 3.2: exactly one, well-formed, in HTTP/1.1."""
    host = headers.get(b"host")
    if host is None:
        return bool(scope.get("http_version") != "1.1")
    if len(headers) < len(scope["headers"]) and [name for name, _ in scope["headers"]].count(b"host") > 1:
        return False
    return _is_host(host)


@lru_cache(maxsize=1024)
def _is_host(host: bytes) -> bool:
    return _HOST.fullmatch(host) is not None
