"""The life of a booking: every state, every move, and who may make it. There is no other table."""

from enum import StrEnum

__all__ = ["AHEAD", "HELD", "TRANSITIONS", "By", "Status", "allowed", "may"]


class Status(StrEnum):
    """Where a booking stands."""

    PENDING = "pending"
    PAYMENT_PROCESSING = "payment_processing"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    DECLINED = "declined"
    NO_SHOW = "no_show"


class By(StrEnum):
    """Who moves a booking."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    ADMIN = "admin"
    SYSTEM = "system"
    GATEWAY = "gateway"


HELD = frozenset({Status.PENDING, Status.PAYMENT_PROCESSING})
"""Their time is theirs only until the hold expires; past it they are `expired`, written down or not."""

AHEAD = frozenset({*HELD, Status.AWAITING_CONFIRMATION, Status.CONFIRMED})
"""The meeting may still take place."""

_anyone = frozenset({By.CUSTOMER, By.PROVIDER, By.ADMIN})
_house = frozenset({By.PROVIDER, By.ADMIN})
_gateway = frozenset({By.GATEWAY})
_system = frozenset({By.SYSTEM})

TRANSITIONS: dict[Status, dict[Status, frozenset[By]]] = {
    Status.PENDING: {
        Status.PAYMENT_PROCESSING: _gateway,
        Status.AWAITING_CONFIRMATION: _gateway | _system,
        Status.CONFIRMED: _gateway | _system,
        Status.CANCELLED: _anyone,
        Status.EXPIRED: _system,
        Status.REFUNDED: _gateway,
    },
    Status.PAYMENT_PROCESSING: {
        Status.PENDING: _gateway,
        Status.AWAITING_CONFIRMATION: _gateway | _system,
        Status.CONFIRMED: _gateway | _system,
        Status.CANCELLED: _anyone,
        Status.EXPIRED: _system,
        Status.REFUNDED: _gateway,
    },
    Status.AWAITING_CONFIRMATION: {
        Status.CONFIRMED: _house | _gateway,
        Status.DECLINED: _house,
        Status.CANCELLED: _anyone,
        Status.EXPIRED: _system,
        Status.REFUNDED: _gateway,
    },
    Status.CONFIRMED: {
        Status.COMPLETED: _house | _system,
        Status.NO_SHOW: _house,
        Status.CANCELLED: _anyone,
        Status.REFUNDED: _gateway,
    },
    Status.COMPLETED: {Status.REFUNDED: _gateway},
    Status.NO_SHOW: {Status.REFUNDED: _gateway},
    # Money may come when the hold is over: the time is taken again, or everything goes back.
    Status.EXPIRED: {Status.CONFIRMED: _gateway, Status.AWAITING_CONFIRMATION: _gateway, Status.REFUNDED: _gateway},
    Status.CANCELLED: {},
    Status.DECLINED: {},
    Status.REFUNDED: {},
}


def allowed(present: Status) -> list[str]:
    """The states that can follow, in the table's order."""
    return [s.value for s in TRANSITIONS[present]]


def may(who: By, to: Status) -> bool:
    """Whether there is any state from which `who` may move a booking there."""
    return any(who in moves.get(to, ()) for moves in TRANSITIONS.values())
