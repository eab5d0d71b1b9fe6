"""What Duffel is told: searches and orders in its own words (API v2)."""

import json
import re

from bookable.domain.flights.ports import (
    Contact,
    Demands,
    FlightQuery,
    Gender,
    Offer,
    OrderRefused,
    Traveller,
    TravellerType,
)

from .calling import E164
from .duffel_reading import Json

__all__ = ["DEMANDS", "KEY", "order", "search"]

KEY = "bookable_key"
"""Where an order carries our key."""

_TYPES = {TravellerType.ADULT: "adult", TravellerType.CHILD: "child", TravellerType.INFANT: "infant_without_seat"}
_SEX = {Gender.FEMALE: ("f", "ms"), Gender.MALE: ("m", "mr")}
# ASCII, Latin-1 and Latin Extended-A letters, less those that Duffel leaves out by name.
_NAME = re.compile(r"(?:(?![×÷ÆæĲĳŒœÞð])[A-Za-z '\-À-ſ]){1,20}")
DEMANDS = Demands(genders=frozenset(_SEX), names=_NAME, phone=E164)


def search(query: FlightQuery) -> Json:
    """An offer request: travellers by type, the party in its own order."""
    slices = [(query.origin, query.destination, query.departure_date)]
    if query.return_date:
        slices.append((query.destination, query.origin, query.return_date))
    body: Json = {
        "slices": [{"origin": o, "destination": d, "departure_date": day.isoformat()} for o, d, day in slices],
        "passengers": [{"type": _TYPES[kind]} for kind in query.party],
        "cabin_class": query.cabin.value,
    }
    return body if query.max_stops is None else {**body, "max_connections": query.max_stops}


def order(offer: Offer, travellers: list[Traveller], contact: Contact, key: str) -> Json:
    """An instant order, paid from the balance, with our key in its metadata. Raises `OrderRefused`."""
    kept = json.loads(offer.ref)
    by_type = sorted(travellers, key=lambda t: list(TravellerType).index(t.type))
    pairs = list(zip(kept["passengers"], by_type, strict=True))
    infants = [name for name, t in pairs if t.type is TravellerType.INFANT]
    people = [_passenger(name, t, contact, passports=kept["passports"]) for name, t in pairs]
    for adult, infant in zip(people, infants, strict=False):
        adult["infant_passenger_id"] = infant
    amount = {"type": "balance", "amount": str(offer.price.decimal()), "currency": offer.price.currency}
    return {
        "type": "instant",
        "selected_offers": [offer.id],
        "passengers": people,
        "payments": [amount],
        "metadata": {KEY: key},
    }


def _passenger(name: str, traveller: Traveller, contact: Contact, *, passports: bool) -> Json:
    if traveller.gender not in _SEX:
        raise OrderRefused(details={"reason": "gender_required"})
    sex, title = _SEX[traveller.gender]
    person: Json = {
        "id": name,
        "given_name": traveller.first_name,
        "family_name": traveller.last_name,
        "born_on": traveller.born_on.isoformat(),
        "gender": sex,
        "title": title,
        "email": contact.email,
        "phone_number": contact.phone,
    }
    if passports and traveller.passport_number and traveller.nationality and traveller.passport_expiry:
        document = {
            "type": "passport",
            "unique_identifier": traveller.passport_number,
            "issuing_country_code": traveller.nationality,
            "expires_on": traveller.passport_expiry.isoformat(),
        }
        person["identity_documents"] = [document]
    return person
