"""Refunds and disputes: how money goes back, wanted or not."""

from tests.doubles.stripe import methods
from tests.doubles.stripe.intents import charge_of, unexpected
from tests.doubles.stripe.wire import Json, Refusal
from tests.doubles.stripe.world import World

__all__ = ["close_dispute", "create", "dispute", "listed", "settle"]


def create(world: World, params: Json) -> Json:
    """`POST /v1/refunds`: never more than was captured and is not refunded."""
    charge = _refundable(world, params)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise Refusal(400, f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    if left == 0:
        raise Refusal(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", left)
    if amount <= 0:
        raise Refusal(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        text = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Refusal(400, text, param="amount")
    return _made(world, charge, amount, params)


def _refundable(world: World, params: Json) -> Json:
    if "charge" in params:
        charge = world.find("ch", params["charge"], param="charge")
    elif "payment_intent" in params:
        intent = world.find("pi", params["payment_intent"], param="payment_intent")
        found = charge_of(world, intent)
        if found is None:
            raise unexpected(intent, "refund")
        charge = found
    else:
        raise Refusal(400, "Missing required param: charge.", code="parameter_missing", param="charge")
    if not charge["captured"]:
        raise unexpected(world.objects[charge["payment_intent"]], "refund")
    return charge


def _made(world: World, charge: Json, amount: int, params: Json) -> Json:
    later = methods.find(charge["payment_method"]).refunds == "later"
    refund = world.add(
        "re",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        metadata=params.get("metadata") or {},
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        status="pending" if later else "succeeded",
    )
    _count(charge, amount)
    world.emit("refund.created", refund)
    world.emit("charge.refunded", charge)
    return refund


def settle(world: World, refund_id: str, *, ok: bool) -> Json:
    """The bank's last word on a refund; one that succeeded may still fail. A failed one frees its amount."""
    refund = world.find("re", refund_id)
    if refund["status"] == "failed":
        return refund
    refund["status"] = "succeeded" if ok else "failed"
    if not ok:
        refund["failure_reason"] = "lost_or_stolen_card"
        _count(world.objects[refund["charge"]], -refund["amount"])
    world.emit("refund.updated" if ok else "refund.failed", refund)
    world.emit("charge.refund.updated", refund)
    return refund


def listed(world: World, params: Json, path: str) -> Json:
    """`GET /v1/refunds`, of a charge or an intent if given."""
    if "payment_intent" in params:
        world.find("pi", params["payment_intent"], param="payment_intent")
    wanted = {name: params[name] for name in ("charge", "payment_intent") if name in params}
    found = [refund for refund in world.all("re") if wanted.items() <= refund.items()]
    return world.page(found, params, path)


def dispute(world: World, intent_id: str) -> Json:
    """The payer's bank takes the money back."""
    charge = charge_of(world, world.find("pi", intent_id))
    if charge is None or not charge["captured"] or charge["disputed"]:
        raise Refusal(400, "There is no undisputed charge.")
    found = world.add(
        "dp",
        amount=charge["amount_captured"],
        charge=charge["id"],
        currency=charge["currency"],
        metadata={},
        payment_intent=intent_id,
        reason="fraudulent",
        status="needs_response",
    )
    charge["disputed"] = True
    world.emit("charge.dispute.created", found)
    world.emit("charge.dispute.funds_withdrawn", found)
    return found


def close_dispute(world: World, intent_id: str, *, won: bool) -> Json:
    """The dispute ends; when it is won the money comes back, the charge stays marked."""
    found = next((one for one in world.all("dp") if one["payment_intent"] == intent_id), None)
    if found is None:
        raise Refusal(400, "There is no dispute.")
    found["status"] = "won" if won else "lost"
    world.emit("charge.dispute.closed", found)
    if won:
        world.emit("charge.dispute.funds_reinstated", found)
    return found


def _count(charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
