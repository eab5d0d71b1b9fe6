"""The body of `POST /v3/mail/send` as SendGrid's API reference and its OpenAPI document have it."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

__all__ = ["Fault", "faults"]

Fault = tuple[str, str]
"""The field, and what is wrong with it."""

_RESERVED = {
    *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"),
    *("to", "from", "subject", "reply-to", "cc", "bcc"),
}
_LIMITS = {"personalizations": 1_000, "custom_args": 10_000}


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}


def _closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _list(of: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": of, **more}


def _switches(*names: str) -> dict[str, Any]:
    return _closed([], **{name: {"type": ["boolean", "string"]} for name in names})


_person = _closed(["email"], email=_text(pattern=r"^[^\s@<>,;\"]+@[^\s@<>,;\"]+$"), name=_text())
_plain = {"type": "object", "additionalProperties": _text()}
_envelope = _closed(
    ["to"],
    **{"from": _person},
    to=_list(_person, minItems=1, maxItems=1_000),
    cc=_list(_person),
    bcc=_list(_person),
    subject=_text(minLength=1),
    headers=_plain,
    substitutions=_plain,
    dynamic_template_data={"type": "object"},
    custom_args=_plain,
    send_at={"type": "integer"},
)
_attachment = _closed(
    ["content", "filename"],
    content=_text(minLength=1),
    type=_text(minLength=1, pattern=r"^[^;\r\n]+$"),
    filename=_text(minLength=1, pattern=r"^[^\r\n]+$"),
    disposition={"enum": ["inline", "attachment"]},
    content_id=_text(),
)
_tracking = _closed(
    [],
    click_tracking=_switches("enable", "enable_text"),
    open_tracking=_switches("enable", "substitution_tag"),
    subscription_tracking=_switches("enable", "text", "html", "substitution_tag"),
    ganalytics={"type": "object"},
)
_schema = _closed(
    ["personalizations", "from", "subject", "content"],
    **{"from": _person},
    personalizations=_list(_envelope, minItems=1, maxItems=_LIMITS["personalizations"]),
    reply_to=_person,
    reply_to_list=_list(_person),
    subject=_text(minLength=1),
    content=_list(_closed(["type", "value"], type=_text(pattern=r"^[^;\r\n]+$"), value=_text(minLength=1)), minItems=1),
    attachments=_list(_attachment),
    template_id=_text(),
    headers=_plain,
    categories=_list(_text(maxLength=255), maxItems=10, uniqueItems=True),
    custom_args=_plain,
    send_at={"type": "integer"},
    batch_id=_text(),
    asm={"type": "object"},
    ip_pool_name=_text(minLength=2, maxLength=64),
    mail_settings={"type": "object"},
    tracking_settings=_tracking,
)
_validator = Draft202012Validator(_schema)


def faults(body: Any) -> list[Fault]:
    """Everything that SendGrid would find wrong with it; empty when it would be taken."""
    found = [(".".join(str(p) for p in e.absolute_path), e.message) for e in _validator.iter_errors(body)]
    return found or [*_order(body), *_headers(body), *_recipients(body), *_files(body)]


def _order(body: Any) -> Iterator[Fault]:
    types = [part["type"] for part in body["content"]]
    ranks = [{"text/plain": 0, "text/html": 1}.get(t, 2) for t in types]
    if ranks != sorted(ranks):
        yield "content", "If present, text/plain and text/html may only be provided first and in that order."


def _headers(body: Any) -> Iterator[Fault]:
    for name, value in body.get("headers", {}).items():
        if name.lower() in _RESERVED:
            yield f"headers.{name}", "This header is reserved."
        if not re.fullmatch(r"[\x21-\x39\x3b-\x7e]+", name) or not value.isascii() or re.search(r"[\r\n]", value):
            yield f"headers.{name}", "Headers must be ASCII, on one line."


def _recipients(body: Any) -> Iterator[Fault]:
    for n, envelope in enumerate(body["personalizations"]):
        people = [p["email"].lower() for kind in ("to", "cc", "bcc") for p in envelope.get(kind, [])]
        if len(set(people)) < len(people):
            yield f"personalizations.{n}", "Each email address should be unique between to, cc, and bcc."


def _files(body: Any) -> Iterator[Fault]:
    for n, attachment in enumerate(body.get("attachments", [])):
        try:
            base64.b64decode(attachment["content"], validate=True)
        except binascii.Error:
            yield f"attachments.{n}.content", "The attachment content must be base64 encoded."
