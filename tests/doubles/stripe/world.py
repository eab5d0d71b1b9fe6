"""Everything the double knows: objects by id, events in order, its own clock."""

import copy
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import stripe

from tests.doubles.stripe.idempotency import Keys
from tests.doubles.stripe.wire import Json, Refusal, missing

__all__ = ["Asked", "World"]

_KINDS = {
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "dp": "dispute",
    "acct": "account",
    "tr": "transfer",
    "po": "payout",
    "evt": "event",
}

_WITHOUT_LIVEMODE = frozenset({"re", "acct"})


@dataclass(frozen=True)
class Asked:
    """Whose call is being worked off: the connected account (or ""), the request's id and key."""

    account: str = ""
    request_id: str | None = None
    key: str | None = None


@dataclass
class World:
    """Touch it only with `lock` held; events wait in `outbox` until someone takes them for delivery."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    offset: int = 0
    objects: dict[str, Json] = field(default_factory=dict)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    """Payouts by id, and the connected account that each is of."""
    keys: Keys = field(default_factory=Keys)
    outbox: list[Json] = field(default_factory=list)
    asked: Asked = field(default_factory=Asked)

    def now(self) -> int:
        """The double's own time, in unix seconds."""
        return int(time.time()) + self.offset

    def add(self, prefix: str, **fields: object) -> Json:
        """A new object of that kind."""
        made: Json = {
            "id": f"{prefix}_{secrets.token_hex(12)}",
            "object": _KINDS[prefix],
            "created": self.now(),
            **({} if prefix in _WITHOUT_LIVEMODE else {"livemode": False}),
            **fields,
        }
        self.objects[made["id"]] = made
        return made

    def find(self, prefix: str, given: str, *, param: str | None = None) -> Json:
        """The object, or Stripe's 404 (400 when it stood in a parameter)."""
        found = self.objects.get(given)
        if found is None or found["object"] != _KINDS[prefix]:
            raise missing(_KINDS[prefix], given, param=param)
        return found

    def all(self, prefix: str) -> list[Json]:
        """Every object of the kind, oldest first."""
        return [found for found in self.objects.values() if found["object"] == _KINDS[prefix]]

    def emit(self, type_: str, told: Json, *, account: str = "") -> None:
        """An event that shows the object as it is now."""
        request = {"id": self.asked.request_id, "idempotency_key": self.asked.key}
        event = self.add(
            "evt",
            api_version=stripe.api_version,
            data={"object": copy.deepcopy(told)},
            pending_webhooks=1,
            request=request,
            type=type_,
            **({"account": account} if account else {}),
        )
        self.outbox.append(copy.deepcopy(event))

    def take_outbox(self) -> list[Json]:
        """The events since the last time."""
        taken, self.outbox = self.outbox, []
        return taken

    def page(self, found: Iterable[Json], params: Json, path: str) -> Json:
        """Stripe's list object: newest first, `limit` and `starting_after` as given."""
        newest_first = list(found)[::-1]
        after = params.get("starting_after")
        if after:
            ids = [one["id"] for one in newest_first]
            if after not in ids:
                raise missing("object", after, param="starting_after")
            newest_first = newest_first[ids.index(after) + 1 :]
        limit = params.get("limit", 10)
        if not 1 <= limit <= 100:
            raise Refusal(400, "Invalid limit", code="parameter_invalid_integer", param="limit")
        data = copy.deepcopy(newest_first[:limit])
        return {"object": "list", "url": path, "has_more": len(newest_first) > limit, "data": data}

    def expand(self, answer: Json, paths: Iterable[str]) -> Json:
        """The answer with the ids at `paths` replaced by their objects."""
        answer = copy.deepcopy(answer)
        for path in paths:
            self._expand(answer, path.split("."), path)
        return answer

    def _expand(self, told: Json, steps: list[str], path: str) -> None:
        name, rest = steps[0], steps[1:]
        if name not in told:
            raise Refusal(400, f"This property cannot be expanded ({path}).", param="expand")
        if isinstance(told[name], str) and told[name] in self.objects:
            told[name] = copy.deepcopy(self.objects[told[name]])
        if rest:
            inner = told[name] if isinstance(told[name], list) else [told[name]]
            for one in filter(None, inner):
                self._expand(one, rest, path)
