"""An intent of the sandbox: what it holds, and what may follow what. Nothing here knows of a database."""

import secrets
from datetime import UTC, datetime

import msgspec

from bookable.domain.payments.ports import GatewayIntent, GatewayRefund, IntentState, RefundState, RefundTooLarge
from bookable.kernel.errors import InvalidState, PaymentRefused
from bookable.kernel.money import Money

from .cards import Card, find

__all__ = ["OPEN", "Charge", "Intent", "Returned"]

OPEN = (IntentState.REQUIRES_METHOD, IntentState.REQUIRES_CONFIRMATION, IntentState.REQUIRES_ACTION)
_PAID = (IntentState.PROCESSING, IntentState.REQUIRES_CAPTURE, IntentState.SUCCEEDED)
_HELD_FOR = 7 * 24 * 3600


class Returned(msgspec.Struct):
    """A refund."""

    id: str
    amount: int
    metadata: dict[str, str]
    reason: str | None = None


class Charge(msgspec.Struct):
    """The last attempt to take the money. `captured` is what was really taken."""

    id: str
    status: str
    captured: int = 0
    capture_before: int | None = None
    dispute_id: str | None = None


class Intent(msgspec.Struct):
    """A wish to be paid. Its verbs answer the types of the events that they cause, in their order."""

    id: str
    tenant_id: str | None
    amount: int
    currency: str
    manual_capture: bool
    client_secret: str
    metadata: dict[str, str]
    created: int
    description: str | None = None
    state: IntentState = IntentState.REQUIRES_METHOD
    method: str | None = None
    charge: Charge | None = None
    decline_code: str | None = None
    refunds: list[Returned] = msgspec.field(default_factory=list)

    @property
    def refunded(self) -> int:
        return sum(one.amount for one in self.refunds)

    def confirm(self, method: str | None, now: int) -> list[str]:
        """Raises `InvalidState`, or `PaymentRefused` for a method that there is not. A declined card is a state."""
        if self.state in _PAID:
            return []
        wanted = method or self.method
        if self.state not in OPEN or wanted is None:
            raise InvalidState(self.state, list(OPEN))
        card = find(wanted)
        to = card.leads_to(held=self.manual_capture)
        if to is IntentState.REQUIRES_METHOD:
            return self._decline(card.decline_code)
        self.method, self.decline_code = card.id, None
        if to is IntentState.REQUIRES_ACTION:
            self.state = to
            return ["payment_intent.requires_action"]
        if to is IntentState.PROCESSING:
            self.state = to
            self.charge = Charge(_id("ch"), "pending")
            return ["payment_intent.processing"]
        return self._pay(card, now)

    def succeed(self, now: int) -> list[str]:
        """The payer pays, or what was waited for comes out well."""
        if self.state in {IntentState.REQUIRES_CAPTURE, IntentState.SUCCEEDED}:
            return []
        if self.state is IntentState.CANCELLED:
            raise InvalidState(self.state, [*OPEN, IntentState.PROCESSING])
        card = find(self.method or "pm_card_visa")
        return self._pay(card, now)

    def authenticate(self, now: int) -> list[str]:
        """The payer proves who they are."""
        if self.state in OPEN and self.state is not IntentState.REQUIRES_ACTION:
            raise InvalidState(self.state, [IntentState.REQUIRES_ACTION])
        return self.succeed(now)

    def fail(self) -> list[str]:
        """The bank says no, at once or after a while."""
        if self.state not in {*OPEN, IntentState.PROCESSING}:
            raise InvalidState(self.state, [*OPEN, IntentState.PROCESSING])
        return self._decline("generic_decline")

    def capture(self, amount: int | None) -> list[str]:
        """Raises `PaymentRefused` when the bank won't, or more is asked for than is held."""
        wanted = self.amount if amount is None else amount
        taken = self.charge.captured if self.charge else 0
        if self.state is IntentState.SUCCEEDED and (amount is None or wanted == taken):
            return []
        if self.state is not IntentState.REQUIRES_CAPTURE or self.charge is None:
            raise InvalidState(self.state, [IntentState.REQUIRES_CAPTURE])
        if not 0 < wanted <= self.amount:
            raise PaymentRefused(details={"reason": "amount_too_large"})
        card = find(self.method or "")
        if card.capture_fails:
            raise PaymentRefused(details={"reason": card.decline_code})
        self.charge.captured, self.state = wanted, IntentState.SUCCEEDED
        return ["charge.captured", "payment_intent.succeeded"]

    def cancel(self, *, lapsed: bool = False) -> list[str]:
        """Given up, or the hold has lapsed by itself."""
        if self.state is IntentState.CANCELLED:
            return []
        allowed = [IntentState.REQUIRES_CAPTURE] if lapsed else [*OPEN, IntentState.REQUIRES_CAPTURE]
        if self.state not in allowed:
            raise InvalidState(self.state, list(allowed))
        held = self.state is IntentState.REQUIRES_CAPTURE
        self.state = IntentState.CANCELLED
        return (["charge.expired"] if held else []) + ["payment_intent.canceled"]

    def refund(self, amount: int, metadata: dict[str, str], reason: str | None) -> Returned:
        """Raises `RefundTooLarge`, and `InvalidState` where nothing was captured."""
        if self.charge is None or self.state is not IntentState.SUCCEEDED:
            raise InvalidState(self.state, [IntentState.SUCCEEDED])
        if self.charge.dispute_id or not 0 < amount <= self.charge.captured - self.refunded:
            raise RefundTooLarge
        made = Returned(_id("re"), amount, metadata, reason)
        self.refunds.append(made)
        return made

    def dispute(self) -> list[str]:
        """The payer's bank takes the money back."""
        if self.charge is None or self.state is not IntentState.SUCCEEDED:
            raise InvalidState(self.state, [IntentState.SUCCEEDED])
        if self.charge.dispute_id:
            return []
        self.charge.dispute_id = _id("dp")
        return ["charge.dispute.created", "charge.dispute.funds_withdrawn"]

    def seen(self) -> GatewayIntent:
        """As our port tells of it."""
        paid = self.charge is not None and self.charge.status == "succeeded"
        card: Card | None = find(self.method) if self.method and paid else None
        until = self.charge.capture_before if self.charge else None
        return GatewayIntent(
            id=self.id,
            state=self.state,
            amount=Money(self.amount, self.currency),
            captured=self.charge.captured if self.charge else 0,
            refunded=self.refunded,
            client_secret=self.client_secret,
            metadata=self.metadata,
            charge_id=self.charge.id if self.charge else None,
            method_type="card" if card else None,
            card_brand=card.brand if card else None,
            last4=card.last4 if card else None,
            decline_code=self.decline_code,
            disputed=self.charge is not None and self.charge.dispute_id is not None,
            capture_before=datetime.fromtimestamp(until, UTC) if until else None,
        )

    def seen_refund(self, one: Returned) -> GatewayRefund:
        """As our port tells of it."""
        money = Money(one.amount, self.currency)
        return GatewayRefund(one.id, self.id, RefundState.SUCCEEDED, money, one.metadata)

    def _pay(self, card: Card, now: int) -> list[str]:
        waiting = self.charge is not None and self.charge.status == "pending"
        charge = self.charge if waiting and self.charge else Charge(_id("ch"), "pending")
        charge.status, self.charge, self.method, self.decline_code = "succeeded", charge, card.id, None
        if self.manual_capture:
            charge.capture_before, self.state = now + _HELD_FOR, IntentState.REQUIRES_CAPTURE
            return ["charge.succeeded", "payment_intent.amount_capturable_updated"]
        charge.captured, self.state = self.amount, IntentState.SUCCEEDED
        return ["charge.succeeded", "payment_intent.succeeded"]

    def _decline(self, code: str) -> list[str]:
        self.charge = Charge(_id("ch"), "failed")
        self.state, self.method, self.decline_code = IntentState.REQUIRES_METHOD, None, code
        return ["charge.failed", "payment_intent.payment_failed"]


def _id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"
