"""Stripe's wire: bracketed forms come in, JSON and Stripe's error bodies go out."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

__all__ = ["Answer", "Json", "Refusal", "missing", "parse_form"]

Json = dict[str, Any]

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


@dataclass(frozen=True)
class Answer:
    """A status and a JSON body; `headers` beside the usual ones."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A call that Stripe refuses, in Stripe's own words."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",  # noqa: A002 - the field's name on the wire
        code: str | None = None,
        param: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        told = {"type": type, "code": code, "message": message, "param": param, **more}
        self.error = {name: value for name, value in told.items() if value is not None}

    def answer(self) -> Answer:
        """As it goes over the wire."""
        return Answer(self.status, {"error": self.error})


def missing(what: str, given: str, *, param: str | None = None) -> Refusal:
    """No such object: 404 when it stood in the path, 400 when in a parameter."""
    return Refusal(
        400 if param else 404,
        f"No such {what}: '{given}'",
        code="resource_missing",
        param=param or ("intent" if what == "payment_intent" else "id"),
    )


def parse_form(text: str) -> Json:
    """`a[b]=1&c[0]=x` as `{"a": {"b": "1"}, "c": {"0": "x"}}`; `c[]=x` takes the next index."""
    tree: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(tree, _path(name), value, name)
    return tree


def _path(name: str) -> list[str]:
    found = _NAME.fullmatch(name)
    if found is None:
        raise Refusal(400, f"Invalid parameter name: {name}", param=name)
    return [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]


def _put(tree: Json, path: list[str], value: str, name: str) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise Refusal(400, f"Invalid object: {name}", param=name)
    tree[path[-1] or str(len(tree))] = value
