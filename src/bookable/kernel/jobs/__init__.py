"""What happens later: a row in the caller's own transaction, worked off at least once by Procrastinate."""

from .deferring import Deferred, defer, flush

__all__ = ["Deferred", "defer", "flush"]
