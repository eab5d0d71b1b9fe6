"""Which parameters a call takes: read from the SDK's own `stripe.params` annotations, not written down again."""

import re
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import is_typeddict

from tests.doubles.stripe.wire import Json, Refusal

__all__ = ["checked"]

_INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)
_BOOLEANS = {"true": True, "false": False}
_OF_REQUEST_OPTIONS = {"StripeContext": Any, "Mapping": Mapping}
"""Names that the inherited options use and that the shapes' own modules do not import."""
_NOT_ON_THE_WIRE = frozenset(RequestOptions.__annotations__)


def checked(shape: type, raw: Json, *, inside: str = "") -> Json:
    """`raw` with each value as the type that `shape`, a TypedDict of the SDK, gives it.

    Raises Stripe's own refusal for a parameter that is unknown, missing or of another type.
    """
    fields, required = _fields(shape)
    for name in raw:
        if name not in fields:
            full = _name(inside, name)
            raise Refusal(400, f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
    for name in sorted(required - raw.keys()):
        full = _name(inside, name)
        raise Refusal(400, f"Missing required param: {full}.", code="parameter_missing", param=full)
    return {name: _value(raw[name], fields[name], _name(inside, name)) for name in raw}


@cache
def _fields(shape: type) -> tuple[dict[str, Any], frozenset[str]]:
    hints = get_type_hints(shape, localns=_OF_REQUEST_OPTIONS)
    fields = {name: hint for name, hint in hints.items() if name not in _NOT_ON_THE_WIRE}
    required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    return fields, required & fields.keys()


def _name(inside: str, name: str) -> str:
    return f"{inside}[{name}]" if inside else name


def _value(raw: Any, hint: Any, param: str) -> Any:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return _one_of(raw, get_args(hint), param)
    if origin is Literal:
        return _literal(raw, get_args(hint), param)
    if origin is list:
        return _list(raw, get_args(hint)[0], param)
    if origin in {dict, UntypedStripeObject}:
        return _mapping(raw, get_args(hint)[-1], param)
    if is_typeddict(hint):
        return checked(hint, _object(raw, param), inside=param)
    return _scalar(raw, hint, param)


def _one_of(raw: Any, hints: tuple[Any, ...], param: str) -> Any:
    choices = [hint for hint in hints if hint is not type(None)]
    # `Literal["a", "b"] | str` is how the SDK leaves room for values to come; today's API takes only these.
    if any(get_origin(hint) is Literal and get_args(hint) != ("",) for hint in choices):
        choices = [hint for hint in choices if hint is not str]
    refusals = []
    for hint in choices:
        try:
            return _value(raw, hint, param)
        except Refusal as refusal:
            refusals.append(refusal)
    raise refusals[-1]


def _literal(raw: Any, allowed: tuple[Any, ...], param: str) -> Any:
    for value in allowed:
        if raw == (str(value).lower() if isinstance(value, bool) else str(value)):
            return value
    words = ", ".join(str(value) for value in allowed)
    raise Refusal(400, f"Invalid {param}: must be one of {words}", param=param)


def _list(raw: Any, hint: Any, param: str) -> list[Any]:
    indexed = _object(raw, param, what="array")
    if not all(index.isdigit() for index in indexed):
        raise Refusal(400, f"Invalid array: {param}", param=param)
    ordered = sorted(indexed, key=int)
    return [_value(indexed[index], hint, f"{param}[{index}]") for index in ordered]


def _mapping(raw: Any, hint: Any, param: str) -> Json:
    # A value may be empty here: that is how a key is taken away.
    found = _object(raw, param)
    return {key: value and _value(value, hint, _name(param, key)) for key, value in found.items()}


def _object(raw: Any, param: str, *, what: str = "object") -> Json:
    if not isinstance(raw, dict):
        raise Refusal(400, f"Invalid {what}", param=param)
    return raw


def _scalar(raw: Any, hint: Any, param: str) -> Any:
    if not isinstance(raw, str):
        raise Refusal(400, f"Invalid string: {raw}", param=param)
    if raw == "":
        code = "parameter_invalid_empty"
        raise Refusal(400, f"You passed an empty string for '{param}'.", code=code, param=param)
    if hint is int:
        return _integer(raw, param)
    if hint is bool:
        if raw not in _BOOLEANS:
            raise Refusal(400, f"Invalid boolean: {raw}", param=param)
        return _BOOLEANS[raw]
    return raw


def _integer(raw: str, param: str) -> int:
    if not _INTEGER.fullmatch(raw):
        raise Refusal(400, f"Invalid integer: {raw}", code="parameter_invalid_integer", param=param)
    return int(raw)
