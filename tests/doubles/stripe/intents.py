"""PaymentIntents and their charges: what may follow what."""

import copy
from typing import NoReturn

from tests.doubles.stripe import methods
from tests.doubles.stripe.methods import Method, card_error
from tests.doubles.stripe.wire import Json, Refusal
from tests.doubles.stripe.world import World

__all__ = ["OPEN", "cancel", "capture", "charge_of", "confirm", "create", "decline", "pay", "unexpected"]

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
AUTHORISED_FOR = 7 * 24 * 3600
_LEAST = 50


def create(world: World, params: Json) -> Json:
    """`POST /v1/payment_intents`."""
    if params["amount"] < _LEAST:
        raise Refusal(400, "Amount must be at least $0.50.", code="amount_too_small", param="amount")
    intent = world.add(
        "pi",
        amount=params["amount"],
        amount_capturable=0,
        amount_received=0,
        automatic_payment_methods=params.get("automatic_payment_methods"),
        canceled_at=None,
        cancellation_reason=None,
        capture_method=params.get("capture_method", "automatic_async"),
        confirmation_method=params.get("confirmation_method", "automatic"),
        currency=params["currency"],
        customer=params.get("customer"),
        description=params.get("description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=params.get("metadata") or {},
        next_action=None,
        payment_method=None,
        receipt_email=params.get("receipt_email"),
        status="requires_payment_method",
        transfer_data=params.get("transfer_data"),
        transfer_group=params.get("transfer_group"),
    )
    intent["client_secret"] = f"{intent['id']}_secret_{intent['id'][-8:]}"
    if method := params.get("payment_method"):
        intent |= {"payment_method": methods.find(method).id, "status": "requires_confirmation"}
    world.emit("payment_intent.created", intent)
    return confirm(world, intent["id"], params) if params.get("confirm") else intent


def confirm(world: World, intent_id: str, params: Json) -> Json:
    """`POST /v1/payment_intents/{id}/confirm`. Raises the 402 of a declined card."""
    intent = world.find("pi", intent_id)
    given = params.get("payment_method") or intent["payment_method"]
    if intent["status"] not in OPEN or not given:
        raise unexpected(intent, "confirm")
    if not params.get("return_url") and not _without_redirects(intent):
        raise Refusal(400, "A return_url must be specified to confirm this PaymentIntent.", param="return_url")
    method = methods.find(given)
    intent |= {"payment_method": method.id, "last_payment_error": None, "next_action": None}
    return _attempt(world, intent, method, absent=bool(params.get("off_session")))


def _without_redirects(intent: Json) -> bool:
    automatic = intent["automatic_payment_methods"] or {}
    return not automatic.get("enabled") or automatic.get("allow_redirects") == "never"


def _attempt(world: World, intent: Json, method: Method, *, absent: bool) -> Json:
    if method.does == "ask" and absent:
        decline(world, intent, method, "authentication_required", "authentication_required")
    if method.does == "ask":
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
        intent |= {"status": "requires_action", "next_action": action}
        world.emit("payment_intent.requires_action", intent)
        return intent
    if method.does == "wait":
        _charge(world, intent, method, status="pending", paid=False)
        intent["status"] = "processing"
        world.emit("payment_intent.processing", intent)
        return intent
    fails = method.does == "decline" or (method.capture_fails and intent["capture_method"] != "manual")
    if fails:
        decline(world, intent, method, method.code, method.decline_code)
    return pay(world, intent, method)


def pay(world: World, intent: Json, method: Method) -> Json:
    """The money is there: held when capture is manual, taken otherwise."""
    held = intent["capture_method"] == "manual"
    until = world.now() + AUTHORISED_FOR if held else None
    waiting = charge_of(world, intent)
    if waiting is None or waiting["status"] != "pending":
        waiting = _charge(world, intent, method, status="pending", paid=False)
    waiting |= {"status": "succeeded", "paid": True, "captured": not held}
    waiting |= {"payment_method_details": method.details(capture_before=until)}
    waiting["amount_captured"] = 0 if held else intent["amount"]
    intent |= {"next_action": None, "last_payment_error": None, "payment_method": method.id}
    world.emit("charge.succeeded", waiting)
    if held:
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        world.emit("payment_intent.amount_capturable_updated", intent)
    else:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        world.emit("payment_intent.succeeded", intent)
    return intent


def decline(world: World, intent: Json, method: Method, code: str, decline_code: str | None) -> NoReturn:
    """The card is refused: the intent wants another method. Always raises the 402."""
    error = card_error(code, decline_code)
    charge = charge_of(world, intent)
    if charge is None or charge["status"] != "pending":
        charge = _charge(world, intent, method, status="failed", paid=False)
    charge |= {"status": "failed", "failure_code": code, "failure_message": error["message"]}
    error["charge"] = charge["id"]
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["last_payment_error"] = error
    world.emit("charge.failed", charge)
    world.emit("payment_intent.payment_failed", intent)
    raise Refusal(402, payment_intent=copy.deepcopy(intent), **error)


def capture(world: World, intent_id: str, params: Json) -> Json:
    """`POST /v1/payment_intents/{id}/capture`: once; what is not captured is let go."""
    intent = world.find("pi", intent_id)
    if intent["status"] != "requires_capture":
        raise unexpected(intent, "capture")
    wanted: int = params["amount_to_capture"] if "amount_to_capture" in params else intent["amount_capturable"]
    if not 0 < wanted <= intent["amount_capturable"]:
        raise Refusal(400, "Too much to capture.", code="amount_too_large", param="amount_to_capture")
    charge = world.objects[intent["latest_charge"]]
    method = methods.find(intent["payment_method"])
    if method.capture_fails:
        raise Refusal(402, **card_error(method.code, method.decline_code))
    charge |= {"captured": True, "amount_captured": wanted}
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": wanted}
    _let_go(world, intent, charge, charge["amount"] - wanted)
    world.emit("charge.captured", charge)
    world.emit("payment_intent.succeeded", intent)
    return intent


def cancel(world: World, intent_id: str, params: Json, *, lapsed: bool = False) -> Json:
    """`POST /v1/payment_intents/{id}/cancel`, or an authorisation that lapsed by itself."""
    intent = world.find("pi", intent_id)
    if intent["status"] not in {*OPEN, "requires_capture"}:
        raise unexpected(intent, "cancel")
    reason = "automatic" if lapsed else params.get("cancellation_reason")
    if intent["status"] == "requires_capture":
        charge = world.objects[intent["latest_charge"]]
        _let_go(world, intent, charge, charge["amount"])
        world.emit("charge.expired" if lapsed else "charge.refunded", charge)
    intent |= {"status": "canceled", "amount_capturable": 0, "cancellation_reason": reason}
    intent |= {"canceled_at": world.now(), "next_action": None}
    world.emit("payment_intent.canceled", intent)
    return intent


def charge_of(world: World, intent: Json) -> Json | None:
    """The latest charge, if there was one."""
    return world.objects.get(intent["latest_charge"] or "")


def unexpected(intent: Json, verb: str) -> Refusal:
    """The intent stands where `verb` can't be done."""
    return Refusal(
        400,
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=copy.deepcopy(intent),
    )


def _charge(world: World, intent: Json, method: Method, *, status: str, paid: bool) -> Json:
    charge = world.add(
        "ch",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        captured=False,
        currency=intent["currency"],
        description=intent["description"],
        disputed=False,
        failure_code=None,
        failure_message=None,
        metadata=intent["metadata"],
        paid=paid,
        payment_intent=intent["id"],
        payment_method=method.id,
        payment_method_details=method.details(),
        refunded=False,
        status=status,
    )
    intent["latest_charge"] = charge["id"]
    return charge


def _let_go(world: World, intent: Json, charge: Json, amount: int) -> None:
    # Stripe books the part of a hold that is not captured as refunded, with a refund that has no metadata.
    if not amount:
        return
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.add(
        "re",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        metadata={},
        payment_intent=intent["id"],
        reason=None,
        status="succeeded",
    )
