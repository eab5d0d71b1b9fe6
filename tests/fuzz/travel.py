"""Travel for the fuzzer: flights that stand, change their price or are gone, and trips of every sort."""

from typing import Any

from tests.processes.customers import PASSWORD, tomorrow
from tests.storefronts.travel.trips import adult, contact

from .worlds import Ids, World

__all__ = ["Travel"]


class Travel(World):
    kind = "travel"
    ends_the_session = ("/api/auth/signout",)

    def sign_up(self, email: str) -> None:
        self.ask(None, "POST", "/auth/signup", email=email, password=PASSWORD, fullName="A B")

    def sign_in(self, email: str) -> str:
        made = self.ask(None, "POST", "/auth/signin", email=email, password=PASSWORD)
        return str(made["session"]["accessToken"])

    def ids(self, token: str) -> Ids:
        flights = self._found("LHR")
        booked = [self._book(token, flights[n]) for n in range(6)]
        booked.append(self._book(token, flights[0], adult(lastName="Refused")))
        intents = [self.ask(token, "POST", "/payments/create-intent", bookingId=b["id"]) for b in booked[1:]]
        names = [i["paymentIntentId"] for i in intents]
        for name in names[1:]:
            self.ask(token, "POST", "/payments/confirm", paymentIntentId=name, paymentMethod="pm_card_visa")
        for trip in booked[1::4]:
            self.ask(token, "POST", f"/bookings/{trip['id']}/cancel")
        offered = [*flights[:6], *self._found("ZZP")[:3], *self._found("ZZS")[:2]]
        days = [tomorrow(n) for n in (1, 30, 31, 40, 300)]
        airports = ["LHR", "JFK", "CDG", "NRT", "lax", "ZZP", "ZZS"]
        return {
            **dict.fromkeys(("flightId", "flight_id"), offered),
            **dict.fromkeys(("origin", "destination"), airports),
            **dict.fromkeys(("departureDate", "returnDate"), days),
            "travelers": [[adult()], [adult()], [adult(), adult(firstName="Will")], [adult(lastName="Refused")]],
            "contact": [contact],
            "reference": [b["id"] for b in booked] + [b["bookingReference"] for b in booked],
            "bookingId": [b["id"] for b in booked],
            "paymentIntentId": names,
            "paymentMethod": ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_visa_delayed"],
            "email": ["nobody@example.com", *(f"fuzz{n}@example.com" for n in range(5))],
            "password": [PASSWORD],
            "currency": ["USD", "EUR", "JPY", "KWD"],
            "adults": [1, 2],
            "children": [0, 1],
            "infants": [0, 1],
            "totalPrice": [None, 100, 412.5],
        }

    def _found(self, origin: str) -> list[str]:
        asked = {"origin": origin, "destination": "JFK", "departureDate": tomorrow(30)}
        return [flight["id"] for flight in self.ask(None, "GET", "/flights/search", params=asked)["flights"]]

    def _book(self, token: str, flight: str, traveller: dict[str, Any] | None = None) -> dict[str, Any]:
        body = {"flightId": flight, "travelers": [traveller or adult()], "contact": contact}
        booking: dict[str, Any] = self.ask(token, "POST", "/bookings", **body)["booking"]
        return booking
