"""Stripe's idempotency: the first status and body, whatever they were, come again for a day.

Source: docs.stripe.com/api/idempotent_requests and docs.stripe.com/error-low-level.
"""

from dataclasses import dataclass

from tests.doubles.stripe.wire import Answer, Json, Refusal

__all__ = ["KEPT_FOR", "Keys"]

KEPT_FOR = 24 * 3600

Scope = tuple[str, str]
"""Whose key it is (the connected account, or the platform) and the key."""


@dataclass
class _Record:
    fingerprint: tuple[str, Json]
    at: int
    request_id: str
    answer: Answer | None = None


class Keys:
    """What was answered to which key. A key without an answer is in flight."""

    def __init__(self) -> None:
        self._records: dict[Scope, _Record] = {}

    def claim(self, key: Scope, path: str, params: Json, *, now: int, request_id: str) -> Answer | None:
        """The stored answer, or None when the caller is the first and must `keep` or `forget` the key.

        Raises 409 while the first is under way, 400 when it was asked for something else.
        """
        self._prune(now)
        if len(key[1]) > 255:
            raise Refusal(400, "Idempotency keys may not be longer than 255 characters.")
        record = self._records.get(key)
        if record is None:
            self._records[key] = _Record((path, params), now, request_id)
            return None
        return _replay(record, (path, params))

    def keep(self, key: Scope, answer: Answer) -> None:
        """Whoever comes with this key for a day gets `answer`."""
        self._records[key].answer = answer

    def forget(self, key: Scope) -> None:
        """As if the key had never come."""
        self._records.pop(key, None)

    def _prune(self, now: int) -> None:
        stale = [key for key, record in self._records.items() if now - record.at >= KEPT_FOR]
        for key in stale:
            if self._records[key].answer is not None:
                del self._records[key]


def _replay(record: _Record, fingerprint: tuple[str, Json]) -> Answer:
    if record.fingerprint != fingerprint:
        raise Refusal(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used "
            "with. Try using a key other than the one you sent if you meant to execute a different request.",
            type="idempotency_error",
        )
    if record.answer is None:
        raise Refusal(
            409,
            "There is currently another in-progress request using this Stripe idempotency key.",
            type="idempotency_error",
            code="idempotency_key_in_use",
        )
    more = {"idempotent-replayed": "true", "original-request": record.request_id}
    return Answer(record.answer.status, record.answer.body, {**record.answer.headers, **more})
