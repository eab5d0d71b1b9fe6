"""Those at the other end: the payer, the payer's bank, and the person behind a connected account."""

from collections.abc import Callable

from tests.doubles.stripe import connect, intents, methods, refunds
from tests.doubles.stripe.methods import Method
from tests.doubles.stripe.webhooks import Webhooks
from tests.doubles.stripe.wire import Json, Refusal
from tests.doubles.stripe.world import Asked, World

__all__ = ["Payer"]


class Payer:
    """Each act moves the objects and sends the events; what is so already stays so, with no new event.

    Raises `Refusal` for what can't happen (paying a cancelled intent). Answers the object as it is then.
    """

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self._world = world
        self._webhooks = webhooks

    def succeed(self, intent_id: str, method: str = "pm_card_visa") -> Json:
        """Pays: whatever was asked for or waited for came out well."""
        return self._act(lambda w: self._succeed(w, w.find("pi", intent_id), method))

    def fail(self, intent_id: str, code: str = "card_declined", decline_code: str | None = None) -> Json:
        """The bank says no, now or after a while."""
        return self._act(lambda w: self._fail(w, w.find("pi", intent_id), code, decline_code))

    def authenticate(self, intent_id: str, *, ok: bool = True) -> Json:
        """Passes or fails 3-D Secure."""
        if ok:
            return self.succeed(intent_id)
        return self.fail(intent_id, "payment_intent_authentication_failure")

    def expire_authorization(self, intent_id: str) -> Json:
        """The hold lapses before it was captured: the intent is cancelled."""
        return self._act(lambda w: self._lapse(w, w.find("pi", intent_id)))

    def dispute(self, intent_id: str) -> Json:
        """Has the charge taken back."""
        return self._act(lambda w: refunds.dispute(w, intent_id))

    def close_dispute(self, intent_id: str, *, won: bool) -> Json:
        """The payer's bank decides; `won` by the merchant."""
        return self._act(lambda w: refunds.close_dispute(w, intent_id, won=won))

    def settle_refund(self, refund_id: str, *, ok: bool) -> Json:
        """A refund arrives or fails, also after it was called succeeded."""
        return self._act(lambda w: refunds.settle(w, refund_id, ok=ok))

    def settle_payout(self, payout_id: str, *, ok: bool) -> Json:
        """A payout arrives or fails, also after it was called paid."""
        return self._act(lambda w: connect.settle_payout(w, payout_id, ok=ok))

    def onboard(self, account_id: str) -> Json:
        """Fills in everything that Stripe wants to know of a connected account."""
        return self._act(lambda w: connect.onboard(w, account_id))

    def lapse_authorizations(self) -> None:
        """Every hold whose time is over, by the double's clock, lapses."""
        with self._world.lock:
            now = self._world.now()
            held = [i for i in self._world.all("pi") if i["status"] == "requires_capture"]
        for intent in held:
            charge = self._world.objects[intent["latest_charge"]]
            if charge["payment_method_details"]["card"]["capture_before"] <= now:
                self.expire_authorization(intent["id"])

    def _act(self, deed: Callable[[World], Json]) -> Json:
        with self._world.lock:
            self._world.asked = Asked()
            told = deed(self._world)
            events = self._world.take_outbox()
        self._webhooks.later(events)
        return told

    def _succeed(self, world: World, intent: Json, method: str) -> Json:
        if intent["status"] in {"succeeded", "requires_capture"}:
            return intent
        if intent["status"] == "canceled":
            raise intents.unexpected(intent, "confirm")
        return intents.pay(world, intent, self._method(intent, method))

    def _fail(self, world: World, intent: Json, code: str, decline_code: str | None) -> Json:
        if intent["status"] not in {*intents.OPEN, "processing"}:
            raise intents.unexpected(intent, "fail")
        try:
            intents.decline(world, intent, self._method(intent, "pm_card_visa"), code, decline_code)
        except Refusal:
            return intent

    def _method(self, intent: Json, otherwise: str) -> Method:
        return methods.find(intent["payment_method"] or otherwise)

    def _lapse(self, world: World, intent: Json) -> Json:
        if intent["status"] == "canceled":
            return intent
        if intent["status"] != "requires_capture":
            raise intents.unexpected(intent, "expire")
        return intents.cancel(world, intent["id"], {}, lapsed=True)
