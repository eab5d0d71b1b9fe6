"""What Tequila is told: searches and bookings in its own words."""

import json
from typing import Any

from bookable.domain.flights.ports import Contact, Demands, FlightQuery, Gender, Offer, OrderRefused, Traveller

from .calling import E164
from .kiwi_reading import CABINS, Json

__all__ = ["DEMANDS", "booking", "search"]

_TITLES = {Gender.FEMALE: "ms", Gender.MALE: "mr"}
DEMANDS = Demands(genders=frozenset(_TITLES), phone=E164)
_MOST = 50


def search(query: FlightQuery) -> dict[str, Any]:
    """Parameters of a search: one day each way, written dd/mm/yyyy."""
    asked: dict[str, Any] = {
        "fly_from": query.origin,
        "fly_to": query.destination,
        **_on("date", query.departure_date.strftime("%d/%m/%Y")),
        "adults": query.adults,
        "children": query.children,
        "infants": query.infants,
        "selected_cabins": CABINS[query.cabin],
        "curr": query.currency,
        "vehicle_type": "aircraft",
        "sort": "price",
        "limit": _MOST,
    }
    if query.return_date:
        asked |= _on("return", query.return_date.strftime("%d/%m/%Y"))
    if query.max_stops is not None:
        asked["max_sector_stopovers"] = query.max_stops
    return asked


def _on(what: str, day: str) -> dict[str, str]:
    return {f"{what}_from": day, f"{what}_to": day}


def booking(offer: Offer, checked: Json, travellers: list[Traveller], contact: Contact) -> Json:
    """A booking of what was checked, in the same session. Raises `OrderRefused`."""
    return {
        "lang": "en",
        "locale": "en-US",
        "currency": offer.price.currency,
        "booking_token": checked.get("booking_token") or json.loads(offer.ref)["token"],
        "session_id": checked["session_id"],
        "health_declaration_checked": True,
        "passengers": [_passenger(t, contact) for t in travellers],
        "baggage": [],
    }


def _passenger(traveller: Traveller, contact: Contact) -> Json:
    if traveller.gender not in _TITLES:
        raise OrderRefused(details={"reason": "gender_required"})
    return {
        "name": traveller.first_name,
        "surname": traveller.last_name,
        "title": _TITLES[traveller.gender],
        "birthday": traveller.born_on.isoformat(),
        "nationality": traveller.nationality,
        "cardno": traveller.passport_number,
        "expiration": traveller.passport_expiry.isoformat() if traveller.passport_expiry else None,
        "email": contact.email,
        "phone": contact.phone,
        "category": traveller.type.value,
    }
