"""The sandbox's letter box: every mail that went out, with its files."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bookable.kernel.errors import NotFound

from .doors import KeptMail, Mailbox
from .wire import answer, endpoint

__all__ = ["routes"]


def routes(mailbox: Mailbox) -> list[Route]:
    """`/sandbox/mail`, and the files below it."""

    async def show(request: Request) -> Response:
        mails = await mailbox.mails(request.query_params.get("to"))
        return answer({"items": [_shape(mail) for mail in mails]})

    async def clear(_: Request) -> Response:
        await mailbox.clear()
        return Response(status_code=204)

    async def one(request: Request) -> Response:
        return answer(_shape(await _find(mailbox, request)))

    async def page(request: Request) -> Response:
        mail = await _find(mailbox, request)
        # Opaque origin and no scripts: a mail must not act as this server.
        return Response(mail.html, media_type="text/html", headers={"Content-Security-Policy": _SHUT})

    async def attachment(request: Request) -> Response:
        mail = await _find(mailbox, request)
        return _file(mail, request.path_params["filename"])

    return [
        Route("/sandbox/mail", endpoint(show), methods=["GET"]),
        Route("/sandbox/mail", endpoint(clear), methods=["DELETE"]),
        Route("/sandbox/mail/{mail_id}", endpoint(one), methods=["GET"]),
        Route("/sandbox/mail/{mail_id}/html", endpoint(page), methods=["GET"]),
        Route("/sandbox/mail/{mail_id}/attachments/{filename}", endpoint(attachment), methods=["GET"]),
    ]


_SHUT = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'"


async def _find(mailbox: Mailbox, request: Request) -> KeptMail:
    try:
        mail = await mailbox.mail(UUID(request.path_params["mail_id"]))
    except ValueError:
        raise NotFound from None
    if mail is None:
        raise NotFound
    return mail


def _shape(mail: KeptMail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "storefront": mail.storefront,
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": mail.headers,
        "attachments": [{"filename": n, "contentType": t, "size": len(content)} for n, t, content in mail.attachments],
        "createdAt": mail.created_at,
    }


def _file(mail: KeptMail, filename: str) -> Response:
    for name, content_type, content in mail.attachments:
        if name == filename:
            disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
            return Response(content, media_type=content_type, headers={"Content-Disposition": disposition})
    raise NotFound
