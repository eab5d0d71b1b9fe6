"""Whose address a call is from: the peer's, or what a proxy that we trust says of its own peer."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

__all__ = ["Network", "address_key", "client_address", "parse_networks"]

Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address
_FORWARDED = b"x-forwarded-for"
_MOST_READ = 2048
_UNKNOWN = "unknown"


def parse_networks(text: str) -> tuple[Network, ...]:
    """From `TRUSTED_PROXIES`: addresses and networks with commas between. Raises ValueError."""
    parts = (part.strip() for part in text.split(","))
    try:
        return tuple(ip_network(part, strict=False) for part in parts if part)
    except ValueError as error:
        raise ValueError(f"TRUSTED_PROXIES: {error}") from None


def client_address(scope: Mapping[str, Any], trusted: Sequence[Network]) -> str:
    """The right-most address that is not a trusted proxy's; the peer's own unless the peer is one.

    Of all headers only `X-Forwarded-For` is read, from the right; what can't be read ends the search at
    the last hop that could. The server must not have rewritten `scope["client"]` itself.
    """
    client = scope.get("client")
    nearest = _parsed(client[0]) if client else None
    if nearest is None:
        return client[0] if client else _UNKNOWN
    if trusted and _is_among(nearest, trusted):
        for hop in _hops(scope["headers"]):
            address = _parsed(hop)
            if address is None:
                break
            nearest = address
            if not _is_among(address, trusted):
                break
    return str(nearest)


@lru_cache(maxsize=16_384)
def address_key(address: str) -> str:
    """What an address is counted under: itself, or the /64 that one IPv6 subscriber owns whole."""
    parsed = _parsed(address)
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


def _hops(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """The nearest hop first. However long the header, only its end is read."""
    values = [value for name, value in headers if name == _FORWARDED]
    return b",".join(values)[-_MOST_READ:].decode("latin-1").split(",")[::-1]


@lru_cache(maxsize=16_384)
def _parsed(text: str) -> _Address | None:
    """`1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]`, `[::1]:80`; IPv4 in IPv6 is the IPv4 address that it is."""
    bare = text.strip(" \t")
    if bare.startswith("["):
        bare, _, port = bare[1:].partition("]")
    elif bare.count(":") == 1:
        bare, _, port = bare.partition(":")
    else:
        port = ""
    if not _is_port(port):
        return None
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_port(text: str) -> bool:
    return not text or (text.isascii() and text.removeprefix(":").isdigit() and len(text) <= 6)


def _is_among(address: _Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
