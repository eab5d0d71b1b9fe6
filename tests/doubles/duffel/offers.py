"""What Duffel's double flies: on every route one non-stop flight, and one with a stop at Frankfurt."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import airportsdata

__all__ = ["Json", "made"]

Json = dict[str, Any]

_AIRPORTS = airportsdata.load("IATA")
_TROUBLE = {"tz": "Europe/London", "name": "Trouble", "city": "Trouble"}
_FARES = {"adult": Decimal(180), "child": Decimal(140), "infant_without_seat": Decimal(20)}
_FLIGHT, _WAIT = timedelta(hours=2, minutes=20), timedelta(hours=1)
_ids = count(1)


def made(request: Json, now: datetime) -> Iterator[Json]:
    """The offers for an offer request, dearest first: a client must sort for itself."""
    most = request.get("max_connections", 1)
    for stops in (1, 0):
        if stops <= most:
            yield _offer(request, stops, now)


def _offer(request: Json, stops: int, now: datetime) -> Json:
    passengers = [{"id": f"pas_{next(_ids):022}", "type": p["type"], "age": None} for p in request["passengers"]]
    ways = len(request["slices"])
    total = sum(_FARES[p["type"]] for p in passengers) * ways + (15 if stops else 0)
    return {
        "id": f"off_{next(_ids):022}",
        "total_amount": f"{total:.2f}",
        "total_currency": "GBP",
        "expires_at": (now + timedelta(minutes=30)).isoformat().replace("+00:00", "Z"),
        "live_mode": False,
        "owner": {"iata_code": "ZZ", "name": "Duffel Airways"},
        "passengers": passengers,
        "slices": [_slice(s, stops, passengers, request["cabin_class"]) for s in request["slices"]],
        "payment_requirements": {
            "requires_instant_payment": True,
            "price_guarantee_expires_at": None,
            "payment_required_by": None,
        },
        "conditions": {
            "refund_before_departure": {"allowed": True, "penalty_amount": "40.00", "penalty_currency": "GBP"},
            "change_before_departure": {"allowed": False, "penalty_amount": None, "penalty_currency": None},
        },
        "allowed_passenger_identity_document_types": ["passport"],
        "passenger_identity_documents_required": request["slices"][0]["destination"] == "PEK",
    }


def _slice(asked: Json, stops: int, passengers: list[Json], cabin: str) -> Json:
    places = [asked["origin"], *["FRA"][:stops], asked["destination"]]
    leaves = datetime.fromisoformat(f"{asked['departure_date']}T09:{10 + stops * 15}").replace(tzinfo=_zone(places[0]))
    start, segments = leaves, []
    for origin, destination in pairwise(places):
        segments.append(_segment(origin, destination, leaves, passengers, cabin))
        leaves = leaves.astimezone(UTC) + _FLIGHT + _WAIT
    return {
        "id": f"sli_{next(_ids):022}",
        "origin": _place(places[0]),
        "destination": _place(places[-1]),
        "duration": _iso(leaves - _WAIT - start.astimezone(UTC)),
        "segments": segments,
    }


def _segment(origin: str, destination: str, leaves: datetime, passengers: list[Json], cabin: str) -> Json:
    bags = [{"type": "checked", "quantity": 1}, {"type": "carry_on", "quantity": 1}]
    carrier = {"iata_code": "ZZ", "name": "Duffel Airways"}
    return {
        "id": f"seg_{next(_ids):022}",
        "origin": _place(origin),
        "destination": _place(destination),
        "departing_at": _local(leaves, origin),
        "arriving_at": _local(leaves + _FLIGHT, destination),
        "duration": _iso(_FLIGHT),
        "marketing_carrier": carrier,
        "marketing_carrier_flight_number": str(1_000 + sum(map(ord, origin + destination)) + leaves.minute),
        "operating_carrier": carrier,
        "aircraft": {"iata_code": "321", "name": "Airbus A321"},
        "passengers": [{"passenger_id": p["id"], "cabin_class": cabin, "baggages": bags} for p in passengers],
    }


def _place(code: str) -> Json:
    known = _AIRPORTS.get(code, _TROUBLE)
    return {"iata_code": code, "name": known["name"], "city_name": known["city"], "time_zone": known["tz"]}


def _zone(code: str) -> ZoneInfo:
    return ZoneInfo(_AIRPORTS.get(code, _TROUBLE)["tz"])


def _local(instant: datetime, code: str) -> str:
    return instant.astimezone(UTC).astimezone(_zone(code)).replace(tzinfo=None).isoformat()


def _iso(span: timedelta) -> str:
    hours, seconds = divmod(int(span.total_seconds()), 3600)
    return f"PT{hours}H{seconds // 60}M" if hours < 24 else f"P{hours // 24}DT{hours % 24}H{seconds // 60}M"
