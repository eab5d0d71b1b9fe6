"""Duffel in the hand of a test. Offers from ZZP cost more when they are asked for again, those from ZZS are gone.

From other places that happens on request, and to Beijing no one is booked without a passport.
"""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from jsonschema import Draft202012Validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.duffel.offers import Json, made
from tests.doubles.threaded import Threaded

__all__ = ["DuffelDouble"]


def _closed(required: list[str], **properties: Any) -> Json:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_text: Json = {"type": "string", "minLength": 1}
_day: Json = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
_code: Json = {"type": "string", "pattern": "^[A-Z]{3}$"}
_request = _closed(
    ["slices", "passengers"],
    slices={
        "type": "array",
        "minItems": 1,
        "items": _closed(
            ["origin", "destination", "departure_date"], origin=_code, destination=_code, departure_date=_day
        ),
    },
    passengers={"type": "array", "minItems": 1, "items": _closed(["type"], type=_text)},
    cabin_class={"enum": ["economy", "premium_economy", "business", "first"]},
    max_connections={"type": "integer", "minimum": 0},
)
_name: Json = {"type": "string", "pattern": r"^[A-Za-z \-'\u00C0-\u00C5\u00C7-\u017F]{1,20}$"}
_passport = _closed(
    ["type", "unique_identifier", "issuing_country_code", "expires_on"],
    type={"const": "passport"},
    unique_identifier=_text,
    issuing_country_code={"type": "string", "pattern": "^[A-Z]{2}$"},
    expires_on=_day,
)
_passenger = _closed(
    ["id", "given_name", "family_name", "born_on", "gender", "title", "email", "phone_number"],
    **dict.fromkeys(("id", "email", "infant_passenger_id"), _text),
    **dict.fromkeys(("given_name", "family_name"), _name),
    born_on=_day,
    gender={"enum": ["m", "f"]},
    title={"enum": ["mr", "ms", "mrs", "miss", "dr"]},
    phone_number={"type": "string", "pattern": r"^\+[1-9]\d{7,14}$"},
    identity_documents={"type": "array", "items": _passport},
)
_payment = _closed(["type", "amount", "currency"], type={"const": "balance"}, amount=_text, currency=_code)
_order = _closed(
    ["type", "selected_offers", "passengers", "payments"],
    type={"enum": ["instant"]},
    selected_offers={"type": "array", "items": _text, "minItems": 1, "maxItems": 1},
    passengers={"type": "array", "items": _passenger, "minItems": 1},
    payments={"type": "array", "items": _payment, "minItems": 1, "maxItems": 1},
    metadata={"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 50},
)


class DuffelDouble(Threaded):
    """Duffel on loopback, with an account in pounds."""

    def __init__(self, api_key: str = "duffel_test_double") -> None:
        self.api_key = api_key
        self.orders: list[Json] = []
        """Every order made, oldest first."""
        self.dearer = {"ZZP"}
        """Where a flight starts that costs more when it is asked for again."""
        self.unknown: set[str] = set()
        """Airports that it has never heard of."""
        self.strange: list[Json] = []
        """What every search finds besides, in a shape that nobody knows."""
        self.gone = {"ZZS"}
        """Where a flight starts that is sold by then."""
        self._offers: dict[str, tuple[Json, str]] = {}
        self._booked: set[str] = set()
        self._cancellations: dict[str, Json] = {}
        self._ids = count(1)
        super().__init__(
            [
                Route("/air/offer_requests", self._search, methods=["POST"]),
                Route("/air/offers/{offer}", self._offer),
                Route("/air/orders", self._buy, methods=["POST"]),
                Route("/air/orders", self._list),
                Route("/air/order_cancellations", self._quote, methods=["POST"]),
                Route("/air/order_cancellations", self._quotes),
                Route("/air/order_cancellations/{quote}/actions/confirm", self._confirm, methods=["POST"]),
            ]
        )

    async def _search(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        body = (await request.json()).get("data")
        if not Draft202012Validator(_request).is_valid(body):
            return _problem(422, "validation_error", "validation_format")
        assert request.query_params["return_offers"] == "true"
        if self.unknown & {place for s in body["slices"] for place in (s["origin"], s["destination"])}:
            return _problem(422, "validation_error", "validation_inclusion")
        name = f"orq_{next(self._ids):022}"
        offers = [*made(body, datetime.now(UTC)), *self.strange]
        for offer in offers[: len(offers) - len(self.strange)]:
            self._offers[offer["id"]] = (self._later(offer), name)
        return _data({"id": name, "offers": offers, "live_mode": False}, 201)

    async def _offer(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        offer, _ = self._offers.get(request.path_params["offer"], (None, ""))
        if offer is None:
            return _problem(404, "invalid_request_error", "not_found")
        return _problem(422, "invalid_state_error", "offer_no_longer_available") if self._sold(offer) else _data(offer)

    async def _buy(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        body = (await request.json()).get("data")
        if wrong := next(iter(Draft202012Validator(_order).iter_errors(body)), None):
            return _problem(422, "validation_error", "validation_required", wrong.message)
        offer, search = self._offers[body["selected_offers"][0]]
        if code := self._obstacle(offer, search, body):
            return _problem(422, "invalid_state_error", code)
        self._booked.add(search)
        made_ = self._made(offer, body)
        self.orders.append(made_)
        return _data(made_, 201)

    def _obstacle(self, offer: Json, search: str, body: Json) -> str | None:
        if search in self._booked:
            return "offer_request_already_booked"
        if self._sold(offer):
            return "offer_no_longer_available"
        paid = body["payments"][0]
        if (Decimal(paid["amount"]), paid["currency"]) != (Decimal(offer["total_amount"]), offer["total_currency"]):
            return "payment_amount_does_not_match_order_amount"
        kinds = {p["id"]: p["type"] for p in offer["passengers"]}
        if [p["id"] for p in body["passengers"]] != list(kinds):
            return "not_valid_with_selected_offer"
        if offer["passenger_identity_documents_required"] and not all(
            p.get("identity_documents") for p in body["passengers"]
        ):
            return "passenger_identity_documents_required"
        laps = [p["infant_passenger_id"] for p in body["passengers"] if "infant_passenger_id" in p]
        return None if sorted(laps) == sorted(n for n, k in kinds.items() if k == "infant_without_seat") else "laps"

    def _made(self, offer: Json, body: Json) -> Json:
        number = next(self._ids)
        return {
            "id": f"ord_{number:022}",
            "booking_reference": f"RZ{number:04}",
            "total_amount": offer["total_amount"],
            "total_currency": offer["total_currency"],
            "metadata": body.get("metadata", {}),
            "passengers": body["passengers"],
            "payment_status": {"awaiting_payment": False, "payment_required_by": None},
            "documents": [
                {"type": "electronic_ticket", "unique_identifier": f"125-{number:06}{n:04}"}
                for n, _ in enumerate(body["passengers"])
            ],
        }

    async def _list(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        names = set(request.query_params.getlist("passenger_name[]"))
        found = [o for o in self.orders if not names or names & {p["family_name"] for p in o["passengers"]}]
        return JSONResponse({"data": found[::-1], "meta": {"limit": 200, "before": None, "after": None}})

    async def _quote(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        order_id = (await request.json())["data"]["order_id"]
        order = next((o for o in self.orders if o["id"] == order_id), None)
        if order is None:
            return _problem(404, "invalid_request_error", "not_found")
        if any(c["order_id"] == order_id and c["confirmed_at"] for c in self._cancellations.values()):
            return _problem(422, "invalid_state_error", "already_cancelled")
        name = f"ore_{next(self._ids):022}"
        back = f"{Decimal(order['total_amount']) - 40:.2f}"
        quote = {"id": name, "order_id": order_id, "refund_amount": back, "refund_currency": order["total_currency"]}
        self._cancellations[name] = {**quote, "refund_to": "balance", "confirmed_at": None}
        return _data(self._cancellations[name], 201)

    async def _quotes(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        wanted = request.query_params.get("order_id")
        return JSONResponse({"data": [c for c in self._cancellations.values() if c["order_id"] == wanted]})

    async def _confirm(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        quote = self._cancellations[request.path_params["quote"]]
        if quote["confirmed_at"]:
            return _problem(422, "invalid_state_error", "already_confirmed")
        quote["confirmed_at"] = datetime.now(UTC).isoformat()
        return _data(quote)

    def _later(self, offer: Json) -> Json:
        """The offer as it is when it is asked for again."""
        if _origin(offer) in self.dearer:
            return {**offer, "total_amount": f"{Decimal(offer['total_amount']) + 25:.2f}"}
        return offer

    def _sold(self, offer: Json) -> bool:
        return _origin(offer) in self.gone

    def _refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            return _problem(401, "authentication_error", "access_token_not_found")
        if request.headers.get("duffel-version") != "v2":
            return _problem(400, "invalid_request_error", "unsupported_version")
        if "application/json" not in request.headers.get("accept", ""):
            return _problem(406, "invalid_request_error", "unsupported_format")
        return None


def _origin(offer: Json) -> str:
    origin: str = offer["slices"][0]["origin"]["iata_code"]
    return origin


def _data(data: Json, status: int = 200) -> Response:
    return JSONResponse({"data": data, "meta": {}}, status)


def _problem(status: int, kind: str, code: str, message: str = "as Duffel says") -> Response:
    error = {"type": kind, "code": code, "title": code, "message": message, "documentation_url": "https://duffel.com"}
    return JSONResponse({"errors": [error], "meta": {"request_id": "double", "status": status}}, status)
