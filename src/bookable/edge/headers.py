"""What every answer carries unless it says otherwise: not to be sniffed, framed, cached or leaked onward."""

from collections.abc import Iterable

from bookable.edge.cors import HeaderList

__all__ = ["DefaultHeaders"]

_DEFAULTS: HeaderList = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
_HTTPS_ONLY: HeaderList = ((b"strict-transport-security", b"max-age=63072000; includeSubDomains"),)


class DefaultHeaders:
    """Adds each default that an answer does not set itself."""

    def __init__(self, *, production: bool) -> None:
        self._all = _DEFAULTS + (_HTTPS_ONLY if production else ())
        self._names = frozenset(name for name, _ in self._all)

    def missing_from(self, headers: Iterable[tuple[bytes, bytes]]) -> HeaderList:
        """The defaults that these headers lack. An answer that says who may frame it needs no second word."""
        names = {name for name, _ in headers}
        if self._names.isdisjoint(names):
            return self._all
        if any(name == b"content-security-policy" and b"frame-ancestors" in value for name, value in headers):
            names.add(b"x-frame-options")
        return tuple(header for header in self._all if header[0] not in names)
