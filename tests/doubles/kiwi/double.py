"""Tequila in the hand of a test. What starts at ZZP costs more when it is checked, what starts at ZZS is invalid.

From other places that happens on request, and to Beijing no one is booked without a passport.
"""

import re
from itertools import count
from typing import Any

from jsonschema import Draft202012Validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.kiwi.itineraries import Json, found
from tests.doubles.threaded import Threaded

__all__ = ["KiwiDouble"]

_text: Json = {"type": "string", "minLength": 1}
_passenger: Json = {
    "type": "object",
    "required": ["name", "surname", "title", "birthday", "email", "phone", "category"],
    "properties": {
        **dict.fromkeys(("name", "surname", "email"), _text),
        "title": {"enum": ["mr", "ms"]},
        "phone": {"type": "string", "pattern": r"^\+[1-9][0-9]{7,14}$"},
        "birthday": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
        "category": {"enum": ["adult", "child", "infant"]},
    },
}
_booking: Json = {
    "type": "object",
    "required": ["lang", "locale", "currency", "booking_token", "session_id", "passengers", "baggage"],
    "properties": {
        "booking_token": _text,
        "session_id": _text,
        "passengers": {"type": "array", "minItems": 1, "items": _passenger},
        "baggage": {"type": "array"},
    },
}


class KiwiDouble(Threaded):
    """Tequila on loopback. Flights are checked when they have been asked about so often as `looks` says."""

    def __init__(self, api_key: str = "kiwi-double") -> None:
        self.api_key = api_key
        self.saved: dict[int, Json] = {}
        """Bookings by id; those that are paid have `paid`."""
        self.once_only = False
        """A second confirmation of the same payment is refused; nothing public says whether it is."""
        self.looks = 2
        self.dearer = {"ZZP"}
        """Where a flight starts that costs more when it is checked."""
        self.unknown: set[str] = set()
        """Airports that it has never heard of."""
        self.strange: list[Json] = []
        """What every search finds besides, in a shape that nobody knows."""
        self.gone = {"ZZS"}
        """Where a flight starts that is sold by then."""
        self._asked: dict[str, int] = {}
        self._ids = count(1)
        super().__init__(
            [
                Route("/v2/search", self._search),
                Route("/v2/booking/check_flights", self._check),
                Route("/v2/booking/save_booking", self._save, methods=["POST"]),
                Route("/v2/booking/confirm_payment", self._pay, methods=["POST"]),
            ]
        )

    @property
    def bought(self) -> list[Json]:
        """The bookings that were paid."""
        return [one for one in self.saved.values() if one["paid"]]

    async def _search(self, request: Request) -> Response:
        if self._stranger(request):
            return _forbidden()
        asked = dict(request.query_params)
        days = [asked[name] for name in ("date_from", "date_to", "return_from", "return_to") if name in asked]
        if self.unknown & {asked["fly_from"], asked["fly_to"]}:
            return JSONResponse({"error": "Unprocessable Entity"}, 422)
        if not all(re.fullmatch(r"\d\d/\d\d/\d{4}", day) for day in days):
            return JSONResponse({"error": "Unprocessable Entity"}, 422)
        answer: dict[str, Any] = {"search_id": f"{next(self._ids)}", "currency": asked["curr"], "fx_rate": 1}
        return JSONResponse({**answer, "data": [*found(asked), *self.strange], "_results": 2})

    async def _check(self, request: Request) -> Response:
        if self._stranger(request):
            return _forbidden()
        token, session = request.query_params["booking_token"], request.query_params["session_id"]
        self._asked[session] = self._asked.get(session, 0) + 1
        _, origin, destination, price, _ = token.split("|")
        total = int(price) + (17 if origin in self.dearer else 0)
        return JSONResponse(
            {
                "flights_checked": self._asked[session] >= self.looks,
                "flights_to_check": self._asked[session] < self.looks,
                "flights_invalid": origin in self.gone,
                "price_change": total != int(price),
                "total": total,
                "orig_price": int(price),
                "currency": request.query_params["currency"],
                "document_options": {"document_need": int(destination == "PEK")},
                "session_id": session,
                "booking_token": token,
            }
        )

    async def _save(self, request: Request) -> Response:
        if self._stranger(request):
            return _forbidden()
        body = await request.json()
        if not Draft202012Validator(_booking).is_valid(body) or self._asked.get(body["session_id"], 0) < self.looks:
            return JSONResponse({"status": "error"}, 422)
        papers = all(p.get("cardno") and p.get("expiration") and p.get("nationality") for p in body["passengers"])
        if body["booking_token"].split("|")[2] == "PEK" and not papers:
            return JSONResponse({"status": "error"}, 422)
        number = 1_000 + next(self._ids)
        self.saved[number] = {**body, "paid": 0}
        answer = {"status": "success", "sandbox": True, "booking_id": number, "transaction_id": f"sandbox_{number}"}
        return JSONResponse({**answer, "flights_checked": True, "flights_invalid": False, "status_code": 200})

    async def _pay(self, request: Request) -> Response:
        if self._stranger(request):
            return _forbidden()
        body = await request.json()
        booking = self.saved.get(body["booking_id"])
        if booking is None or body["transaction_id"] != f"sandbox_{body['booking_id']}":
            return JSONResponse({"status": 1, "msg": "no such booking"}, 404)
        if booking["paid"] and self.once_only:
            return JSONResponse({"status": -1, "msg": "confirm payment timeout"})
        booking["paid"] = 1
        return JSONResponse({"status": 0})

    def _stranger(self, request: Request) -> bool:
        return request.headers.get("apikey") != self.api_key


def _forbidden() -> Response:
    return JSONResponse({"message": "Invalid authentication credentials"}, 403)
