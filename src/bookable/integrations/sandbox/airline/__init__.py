"""The airline that needs no account: it flies between the world's real airports, and its fares hold still."""

from .provider import SandboxAirline

__all__ = ["SandboxAirline"]
