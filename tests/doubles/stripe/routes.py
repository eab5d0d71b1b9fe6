"""Which calls there are, by which parameters they are checked, and who works them off."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stripe import params as p

from tests.doubles.stripe import connect, intents, refunds
from tests.doubles.stripe.wire import Json
from tests.doubles.stripe.world import World

__all__ = ["Route", "find"]

Work = Callable[[World, Json, str], Json]
"""World, checked parameters, and the id in the path (the path itself for lists)."""


@dataclass(frozen=True)
class Route:
    """One call of the API."""

    method: str
    pattern: re.Pattern[str]
    shape: type
    work: Work


def _route(method: str, path: str, shape: type, work: Work) -> Route:
    return Route(method, re.compile(path.replace("{id}", r"([^/]+)")), shape, work)


def _events(world: World, params: Json, path: str) -> Json:
    wanted = {params["type"]} if "type" in params else set(params.get("types", []))
    since = params.get("created", {})
    least = since.get("gte", since.get("gt", -1) + 1) if isinstance(since, dict) else since
    found = [e for e in world.all("evt") if e["created"] >= least and (not wanted or e["type"] in wanted)]
    return world.page(found, params, path)


_ROUTES = [
    _route("POST", "/v1/payment_intents", p.PaymentIntentCreateParams, lambda w, q, _: intents.create(w, q)),
    _route("GET", "/v1/payment_intents", p.PaymentIntentListParams, lambda w, q, u: w.page(w.all("pi"), q, u)),
    _route("GET", "/v1/payment_intents/{id}", p.PaymentIntentRetrieveParams, lambda w, _, i: w.find("pi", i)),
    _route("POST", "/v1/payment_intents/{id}/confirm", p.PaymentIntentConfirmParams,
           lambda w, q, i: intents.confirm(w, i, q)),
    _route("POST", "/v1/payment_intents/{id}/capture", p.PaymentIntentCaptureParams,
           lambda w, q, i: intents.capture(w, i, q)),
    _route("POST", "/v1/payment_intents/{id}/cancel", p.PaymentIntentCancelParams,
           lambda w, q, i: intents.cancel(w, i, q)),
    _route("GET", "/v1/charges/{id}", p.ChargeRetrieveParams, lambda w, _, i: w.find("ch", i)),
    _route("POST", "/v1/refunds", p.RefundCreateParams, lambda w, q, _: refunds.create(w, q)),
    _route("GET", "/v1/refunds", p.RefundListParams, lambda w, q, u: refunds.listed(w, q, u)),
    _route("GET", "/v1/refunds/{id}", p.RefundRetrieveParams, lambda w, _, i: w.find("re", i)),
    _route("GET", "/v1/events", p.EventListParams, _events),
    _route("GET", "/v1/events/{id}", p.EventRetrieveParams, lambda w, _, i: w.find("evt", i)),
    _route("POST", "/v1/accounts", p.AccountCreateParams, lambda w, q, _: connect.create_account(w, q)),
    _route("GET", "/v1/accounts/{id}", p.AccountRetrieveParams, lambda w, _, i: w.find("acct", i)),
    _route("POST", "/v1/account_links", p.AccountLinkCreateParams, lambda w, q, _: connect.account_link(w, q)),
    _route("POST", "/v1/transfers", p.TransferCreateParams, lambda w, q, _: connect.transfer(w, q)),
    _route("GET", "/v1/transfers/{id}", p.TransferRetrieveParams, lambda w, _, i: w.find("tr", i)),
    _route("POST", "/v1/payouts", p.PayoutCreateParams, lambda w, q, _: connect.payout(w, q)),
    _route("GET", "/v1/payouts/{id}", p.PayoutRetrieveParams, lambda w, _, i: w.find("po", i)),
]  # fmt: skip


def find(method: str, path: str) -> tuple[Route, str] | None:
    """The call, and the id in its path (or the path)."""
    for route in _ROUTES:
        found = route.pattern.fullmatch(path) if route.method == method else None
        if found:
            return route, (found[1] if found.groups() else path)
    return None
