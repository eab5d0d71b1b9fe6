"""StarryMeet for the fuzzer: meetings of every sort, and what was paid for them."""

import random
from typing import Any

from tests.processes.customers import PASSWORD, tomorrow

from .worlds import Ids, World

__all__ = ["StarryMeet"]


class StarryMeet(World):
    kind = "starrymeet"
    ends_the_session = ("/api/auth/logout", "/api/users/me/sessions/{session_id}")

    def sign_up(self, email: str) -> None:
        self.ask(None, "POST", "/auth/register", **self._person(email))

    def sign_in(self, email: str) -> str:
        return str(self.ask(None, "POST", "/auth/login", **self._person(email))["token"])

    def _person(self, email: str) -> dict[str, str]:
        return {"email": email, "password": PASSWORD, "firstName": "A", "lastName": "B"}

    def ask(self, token: str | None, method: str, path: str, params: Any = None, **body: Any) -> Any:
        """Without the envelope."""
        return super().ask(token, method, path, params, **body)["data"]

    def ids(self, token: str) -> Ids:
        self.signed_in("user")
        admin = self.signed_in("admin")
        celebrities = [self._celebrity(admin, n) for n in range(10)]
        booked = [self._book(token, celebrities[n % 4]) for n in range(8)]
        intents = [self.ask(token, "POST", "/payments/create-intent", bookingId=b["id"]) for b in booked[:6]]
        names = [i["paymentIntentId"] for i in intents]
        for name in names[:4]:
            self.ask(token, "POST", "/payments/confirm", paymentIntentId=name, paymentMethod="pm_card_visa")
        self.ask(token, "PATCH", f"/bookings/{booked[0]['id']}/cancel")
        people = self.rows("SELECT id FROM users WHERE role = 'user'")
        references = [b["id"] for b in booked] + [b["bookingNumber"] for b in booked]
        return {
            **dict.fromkeys(("name", "celebrityId", "celebrity_id"), celebrities),
            "reference": references,
            "bookingId": references[:8],
            "paymentIntentId": names,
            "payment_id": self.rows("SELECT id FROM payments"),
            "user_id": people,
            "userId": people,
            "email": ["nobody@example.com"],
            "contactEmail": ["robin@example.com", "b@example.com"],
            "paymentMethod": ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_visa_delayed"],
        }

    def _celebrity(self, admin: str, n: int) -> str:
        made = {"displayName": f"Celebrity {n}", "category": "Hollywood", "username": f"celebrity-{n}"}
        prices = {f"{meeting}MeetPriceCents": 10_000 for meeting in ("quick", "standard", "premium")}
        found: str = self.ask(admin, "POST", "/celebrities", **made, **prices)["celebrity"]["id"]
        return found

    def _book(self, token: str, celebrity: str) -> dict[str, Any]:
        meeting = {"celebrityId": celebrity, "meetingType": "quick", "timeSlot": "morning"}
        contact = {"contactName": "Robin", "contactEmail": "robin@example.com"}
        day = {"date": tomorrow(3 + random.randrange(600))}
        booking: dict[str, Any] = self.ask(token, "POST", "/bookings", **meeting, **contact, **day)["booking"]
        return booking
