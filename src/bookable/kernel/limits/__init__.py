"""How often: so many calls a time, by key, counted once for all processes; and whose address a call is from."""

from bookable.kernel.limits.addresses import Network, address_key, client_address, parse_networks
from bookable.kernel.limits.limiter import RateLimiter
from bookable.kernel.limits.tiers import Limit, OverLimit, Standing

__all__ = [
    "Limit",
    "Network",
    "OverLimit",
    "RateLimiter",
    "Standing",
    "address_key",
    "client_address",
    "parse_networks",
]
