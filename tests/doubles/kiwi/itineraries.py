"""What Kiwi's double flies, in the shape of a captured answer: local times end in `Z`, durations are seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import airportsdata

__all__ = ["Json", "found"]

Json = dict[str, Any]

_AIRPORTS = airportsdata.load("IATA")
_FARES = {"adults": 120, "children": 90, "infants": 12}
_FLIGHT, _WAIT = timedelta(hours=2, minutes=40), timedelta(hours=1, minutes=10)
_ids = count(1)


def found(asked: dict[str, str]) -> Iterator[Json]:
    """One trip without a stop and one over Frankfurt, of which the second is the cheaper."""
    most = int(asked.get("max_sector_stopovers", 2))
    for stops in (0, 1):
        if stops <= most:
            yield _trip(asked, stops)


def _trip(asked: dict[str, str], stops: int) -> Json:
    start, end = asked["fly_from"], asked["fly_to"]
    there = _legs(start, end, asked["date_from"], stops, back=0)
    home = _legs(end, start, asked["return_from"], stops, back=1) if "return_from" in asked else []
    fare = {kind: price + (len(home) > 0) * price - 10 * stops for kind, price in _FARES.items()}
    price = sum(fare[kind] * int(asked[kind]) for kind in fare)
    spent = {"departure": _lasting(there), "return": _lasting(home)}
    return {
        "id": "|".join(leg["id"] for leg in [*there, *home]),
        "flyFrom": start,
        "flyTo": end,
        "cityFrom": start,
        "cityTo": end,
        "nightsInDest": 3 if home else None,
        "duration": {**spent, "total": sum(spent.values())},
        "airlines": ["ZK"],
        "route": [*there, *home],
        "price": price,
        "conversion": {"EUR": price},
        "fare": fare,
        "bags_price": {"1": 30.5},
        "baglimit": {"hand_weight": 8, "hold_weight": 20, "personal_item_weight": 3},
        "availability": {"seats": 7 if stops else None},
        "booking_token": f"token|{start}|{end}|{price}|{next(_ids)}",
        "deep_link": f"https://www.kiwi.com/deep?from={start}&to={end}",
        "local_departure": there[0]["local_departure"],
        "utc_departure": there[0]["utc_departure"],
        "local_arrival": there[-1]["local_arrival"],
        "utc_arrival": there[-1]["utc_arrival"],
    }


def _legs(start: str, end: str, day: str, stops: int, *, back: int) -> list[Json]:
    places = [start, *["FRA"][:stops], end]
    leaves = datetime.strptime(f"{day} 07:35", "%d/%m/%Y %H:%M").replace(tzinfo=_zone(start)).astimezone(UTC)
    legs = []
    for origin, destination in pairwise(places):
        legs.append(_leg(origin, destination, leaves, back))
        leaves += _FLIGHT + _WAIT
    return legs


def _leg(origin: str, destination: str, leaves: datetime, back: int) -> Json:
    number = 100 + sum(map(ord, origin + destination)) + back
    return {
        "id": f"{number:024}_{back}",
        "combination_id": f"{number:024}",
        "flyFrom": origin,
        "flyTo": destination,
        "airline": "ZK",
        "flight_no": number,
        "operating_carrier": "ZK",
        "operating_flight_no": str(number),
        "fare_category": "M",
        "equipment": None,
        "return": back,
        "bags_recheck_required": False,
        "vi_connection": False,
        "guarantee": False,
        "vehicle_type": "aircraft",
        "local_departure": _local(leaves, origin),
        "utc_departure": _z(leaves),
        "local_arrival": _local(leaves + _FLIGHT, destination),
        "utc_arrival": _z(leaves + _FLIGHT),
    }


def _lasting(legs: list[Json]) -> int:
    if not legs:
        return 0
    ends = [datetime.fromisoformat(t) for t in (legs[0]["utc_departure"], legs[-1]["utc_arrival"])]
    return int((ends[1] - ends[0]).total_seconds())


def _zone(code: str) -> ZoneInfo:
    return ZoneInfo(_AIRPORTS[code]["tz"] if code in _AIRPORTS else "UTC")


def _local(instant: datetime, code: str) -> str:
    return _z(instant.astimezone(_zone(code)))


def _z(moment: datetime) -> str:
    return f"{moment.replace(tzinfo=None).isoformat()}.000Z"
