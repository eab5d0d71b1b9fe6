"""Duffel's offers and orders as ours (API v2)."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bookable.domain.flights.ports import (
    Baggage,
    Cabin,
    Direction,
    FareRules,
    FlightQuery,
    Offer,
    Order,
    Segment,
)
from bookable.kernel.money import Money

from .calling import money, wall_time

__all__ = ["NAME", "Json", "minutes", "offer", "order"]

NAME = "duffel"
Json = dict[str, Any]


def offer(found: Json, query: FlightQuery) -> Offer:
    """An offer of Duffel's; its currency is the account's, whatever was asked for. `ref` is what an order needs."""
    slices = found["slices"]
    ways = zip(slices, Direction, strict=False)
    segments = tuple(_segment(s, way, query.cabin) for part, way in ways for s in part["segments"])
    return Offer(
        id=found["id"],
        ref=json.dumps(
            {
                "passengers": [p["id"] for p in found["passengers"]],
                "passports": "passport" in (found.get("allowed_passenger_identity_document_types") or ()),
            }
        ),
        provider=NAME,
        query=query,
        price=money(found["total_amount"], found["total_currency"]),
        segments=segments,
        cabin=segments[0].cabin,
        expires_at=datetime.fromisoformat(found["expires_at"]).astimezone(UTC),
        outbound_minutes=_lasting(slices[0]),
        return_minutes=_lasting(slices[1]) if len(slices) > 1 else 0,
        baggage=_baggage(slices),
        fare_rules=_rules(found.get("conditions") or {}),
        passports_required=bool(found.get("passenger_identity_documents_required")),
    )


def order(found: Json) -> Order:
    """An order of Duffel's, with the numbers of its tickets."""
    documents = found.get("documents") or ()
    return Order(
        id=found["id"],
        reference=found["booking_reference"],
        provider=NAME,
        price=money(found["total_amount"], found["total_currency"]),
        tickets=tuple(d["unique_identifier"] for d in documents if d.get("type") == "electronic_ticket"),
    )


def minutes(text: str) -> int:
    """An ISO 8601 duration in minutes: `P1DT2H30M` is 1590."""
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+(?:\.\d+)?S)?)?", text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration")
    days, hours, rest = (int(part or 0) for part in found.groups())
    return (days * 24 + hours) * 60 + rest


def _segment(found: Json, way: Direction, cabin: Cabin) -> Segment:
    carrier, sits = found["marketing_carrier"], found.get("passengers") or [{}]
    return Segment(
        direction=way,
        origin=found["origin"]["iata_code"],
        destination=found["destination"]["iata_code"],
        departs=wall_time(found["departing_at"]),
        departs_zone=found["origin"]["time_zone"],
        arrives=wall_time(found["arriving_at"]),
        arrives_zone=found["destination"]["time_zone"],
        airline=carrier["iata_code"],
        airline_name=carrier["name"],
        flight_number=f"{carrier['iata_code']}{found['marketing_carrier_flight_number']}",
        duration_minutes=minutes(found["duration"]) if found.get("duration") else _span(found, found),
        cabin=Cabin(sits[0].get("cabin_class") or cabin),
        aircraft=(found.get("aircraft") or {}).get("name"),
    )


def _lasting(part: Json) -> int:
    """A slice's own duration, or from its first take-off to its last landing."""
    return minutes(part["duration"]) if part.get("duration") else _span(part["segments"][0], part["segments"][-1])


def _span(first: Json, last: Json) -> int:
    start = wall_time(first["departing_at"]).replace(tzinfo=ZoneInfo(first["origin"]["time_zone"]))
    end = wall_time(last["arriving_at"]).replace(tzinfo=ZoneInfo(last["destination"]["time_zone"]))
    return int((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds()) // 60


def _baggage(slices: Iterable[Json]) -> Baggage:
    """What the whole way takes: the least of any segment, for the first traveller."""
    bags = [
        {b["type"]: b["quantity"] for b in s["passengers"][0].get("baggages") or ()}
        for part in slices
        for s in part["segments"]
        if s.get("passengers")
    ]
    if not bags:
        return Baggage()
    return Baggage(carry_on=min(b.get("carry_on", 0) for b in bags), checked=min(b.get("checked", 0) for b in bags))


def _rules(conditions: Json) -> FareRules:
    refund, change = conditions.get("refund_before_departure"), conditions.get("change_before_departure")
    return FareRules(
        refundable=refund and refund.get("allowed"),
        changeable=change and change.get("allowed"),
        refund_fee=_penalty(refund),
        change_fee=_penalty(change),
    )


def _penalty(condition: Json | None) -> Money | None:
    if not condition or not condition.get("penalty_amount"):
        return None
    return money(condition["penalty_amount"], condition["penalty_currency"])
