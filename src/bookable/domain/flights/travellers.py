"""Who may travel on what was searched for: the right number of each age, with papers that hold.

What the provider insists on is said here, before anybody has paid.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from bookable.kernel.errors import ValidationFailed

from .ports import Contact, Demands, Gender, Offer, TravellerType
from .records import Person

__all__ = ["check"]

_AGES = {TravellerType.INFANT: (0, 1), TravellerType.CHILD: (2, 11), TravellerType.ADULT: (12, 130)}
_WORDS = {
    TravellerType.INFANT: "An infant is under 2 on the day of travel.",
    TravellerType.CHILD: "A child is 2 to 11 on the day of travel.",
    TravellerType.ADULT: "An adult is 12 or over on the day of travel.",
}
_PASSPORT = re.compile(r"[A-Z0-9]{5,15}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def check(people: Sequence[Person], contact: Contact, offer: Offer, demands: Demands, *, today: date) -> None:
    """Raises `ValidationFailed`, which names every field that is wrong."""
    wrong: dict[str, str] = {}
    if demands.phone and not demands.phone.fullmatch(contact.phone):
        wrong["contact.phone"] = "Must be a phone number with its country's code, such as +44 20 7946 0123."
    wanted, given = Counter(t.value for t in offer.query.party), Counter(p.type for p in people)
    if wanted != given:
        said = ", ".join(f"{n} {kind}" for kind, n in wanted.items())
        wrong["travelers"] = f"The flight was searched for {said}."
    for place, person in enumerate(people):
        found = _problems(person, offer, today) | _demanded(person, offer, demands)
        wrong |= {f"travelers.{place}.{name}": words for name, words in found.items()}
    if wrong:
        raise ValidationFailed(wrong)


def _problems(person: Person, offer: Offer, today: date) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if person.type not in set(TravellerType):
        wrong["type"] = f"Must be one of {', '.join(TravellerType)}."
    elif person.date_of_birth > today:
        wrong["dateOfBirth"] = "This day is still to come."
    else:
        kind = TravellerType(person.type)
        youngest, oldest = _AGES[kind]
        if not youngest <= _age(person.date_of_birth, offer.segments[0].departs.date()) <= oldest:
            wrong["dateOfBirth"] = _WORDS[kind]
    if person.gender not in set(Gender):
        wrong["gender"] = f"Must be one of {', '.join(Gender)}."
    return wrong | _papers(person, offer)


def _demanded(person: Person, offer: Offer, demands: Demands) -> dict[str, str]:
    """What this provider insists on beyond what anyone would."""
    wrong: dict[str, str] = {}
    if person.gender in set(Gender) - demands.genders:
        wrong["gender"] = f"This airline takes {' or '.join(sorted(demands.genders))}, as it is in the passport."
    for field, name in (("firstName", person.first_name), ("lastName", person.last_name)):
        if demands.names and not demands.names.fullmatch(name):
            wrong[field] = "Must be in Latin letters, at most 20, as at the foot of the passport's page."
    if offer.passports_required:
        papers = {
            "passportNumber": person.passport_number,
            "nationality": person.nationality,
            "passportExpiry": person.passport_expiry,
        }
        wrong |= {field: "This flight can't be booked without." for field, given in papers.items() if not given}
    return wrong


def _papers(person: Person, offer: Offer) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if person.nationality is not None and not _COUNTRY.fullmatch(person.nationality):
        wrong["nationality"] = "Must be a country's two letters (ISO 3166)."
    if person.passport_number is not None and not _PASSPORT.fullmatch(person.passport_number):
        wrong["passportNumber"] = "Must be 5 to 15 letters and digits."
    if person.passport_expiry is not None and person.passport_expiry < offer.segments[-1].arrives.date():
        wrong["passportExpiry"] = "The passport must hold until the end of the trip."
    return wrong


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
