"""Mail through SendGrid's v3 API: one personalization, text before HTML, and nobody's clicks tracked."""

import base64
from http import HTTPStatus
from typing import Any

import httpx

from bookable.domain.notifications.ports import Attachment, Mail, Mailer, MailRefused, one_line
from bookable.kernel.errors import Unavailable

from .message import automatic, message_id

__all__ = ["SendGridMailer"]

_BASE = "https://api.sendgrid.com"
_REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})
_OUR_FAULT = ("from", "reply_to")
"""A sender that SendGrid does not accept is put right in the settings; the mail waits for that."""

_UNTRACKED = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}
"""Links carry single-use tokens: they must reach the reader as they are."""


class SendGridMailer(Mailer):
    """SendGrid behind our port. Its answers' own words go no further than into what we record."""

    def __init__(self, api_key: str, *, sender: str, api_base: str | None = None, timeout: float = 20.0) -> None:
        self._sender = sender
        self._http = httpx.AsyncClient(
            base_url=api_base or _BASE,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=timeout,
        )

    @property
    def sender(self) -> str:
        return self._sender

    async def send(self, mail: Mail, *, key: str) -> None:
        try:
            answer = await self._http.post("/v3/mail/send", json=self._body(mail, key))
        except httpx.HTTPError as error:
            raise Unavailable("The mail provider does not answer.") from error
        if answer.status_code in _REFUSED and not (why := _why(answer)).startswith(_OUR_FAULT):
            raise MailRefused(why)
        if answer.status_code != HTTPStatus.ACCEPTED:
            raise Unavailable("The mail provider does not take mail at present.", retry_after=_wait(answer))

    async def aclose(self) -> None:
        await self._http.aclose()

    def _body(self, mail: Mail, key: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "personalizations": [{"to": [{"email": mail.to}]}],
            "from": {"email": self._sender, "name": mail.sender_name},
            "subject": mail.subject,
            "content": [
                {"type": "text/plain", "value": mail.text},
                {"type": "text/html", "value": mail.html},
            ],
            "headers": {**automatic, **mail.headers, "Message-ID": message_id(key, self._sender)},
            "custom_args": {"notification": key},
            "tracking_settings": _UNTRACKED,
        }
        if mail.attachments:
            body["attachments"] = [_attached(a) for a in mail.attachments]
        return body


def _attached(attachment: Attachment) -> dict[str, str]:
    """The type goes without its parameters, which SendGrid does not take."""
    return {
        "content": base64.b64encode(attachment.content).decode(),
        "type": attachment.content_type,
        "filename": attachment.filename,
        "disposition": "attachment",
    }


def _why(answer: httpx.Response) -> str:
    try:
        errors = answer.json()["errors"]
        return one_line("; ".join(f"{e.get('field')}: {e.get('message')}" for e in errors)) or "refused"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"refused with {answer.status_code}"


def _wait(answer: httpx.Response) -> float | None:
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isdigit() else None
