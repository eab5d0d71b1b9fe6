"""Posters over the wire: announced, sent to a signed address, completed, and shown in three sizes."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from starlette.requests import ClientDisconnect, Request

from bookable.domain import media
from bookable.kernel.errors import Forbidden, Malformed
from bookable.kernel.security import Bound, SealBroken
from bookable.storefronts.kit import Access, Body, Call, Params, Reply, Router, Shape

__all__ = ["router"]

router = Router("Uploads")

_IMAGE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": dict.fromkeys(("image/jpeg", "image/png", "image/webp"), _IMAGE)}
}


class BadSignature(Forbidden):
    """The address was not made by us, or was changed."""

    message = "This address is not signed by us."


class Announce(Body):
    content_type: Annotated[str, Field(max_length=100, examples=["image/jpeg"])]
    size: Annotated[int, Field(ge=1, description="In bytes; at most 5 MB.")]


class Signed(Params):
    signature: Annotated[str, Field(max_length=500)] = ""


class WhichSize(Params):
    size: media.Size = media.Size.LARGE


class UploadData(Shape):
    id: UUID
    upload_url: str
    method: str
    headers: dict[str, str]
    image_url: str
    expires_at: datetime


class ThumbnailsShape(Shape):
    small: str
    medium: str
    large: str


class CompleteData(Shape):
    image_url: str
    thumbnails: ThumbnailsShape


@router.post("/uploads/images", UploadData, phases=True, errors=(413, 415))
async def announce(call: Call, body: Announce) -> UploadData:
    """Ask for an address to send a picture to: JPEG, PNG or WebP, within a quarter of an hour."""
    async with call.db.transaction(call.actor) as tx:
        upload = await media.announce(tx, call.user_id, body.content_type, body.size)
    path, lifetime = media.upload_path(call.tenant.id, upload.id), upload.expires_at - upload.created_at
    theirs = await call.ports.pictures.address_to_send(path, lifetime)
    return UploadData(
        id=upload.id,
        upload_url=theirs or f"{_address(call, upload.id)}?signature={_signature(call, upload.id)}",
        method="PUT",
        headers={"Content-Type": upload.content_type},
        image_url=_address(call, upload.id),
        expires_at=upload.expires_at,
    )


@router.put("/uploads/images/{upload_id}", access=Access.ANYONE, phases=True, errors=(403, 410, 415), extra=_BODY)
async def receive(call: Call, upload_id: UUID, query: Signed) -> None:
    """Send the picture itself; whoever has the signed address may, until it expires."""
    _check(call, upload_id, query.signature)
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    data = await _bytes(call.request)
    await media.receive(call.db, call.tenant.id, call.ports.pictures, upload_id, kind, data)


@router.post("/uploads/images/{upload_id}/complete", CompleteData, phases=True, errors=(409, 413, 415))
async def complete(call: Call, upload_id: UUID) -> CompleteData:
    """Have what was sent checked and drawn in three sizes; from then on its address shows it."""
    upload = await media.complete(call.db, call.actor, call.ports.pictures, upload_id)
    prefix = f"{_base(call)}/media"
    return CompleteData(
        image_url=_address(call, upload_id),
        thumbnails=ThumbnailsShape(
            small=f"{prefix}/{upload.small}", medium=f"{prefix}/{upload.medium}", large=f"{prefix}/{upload.large}"
        ),
    )


@router.get("/uploads/images/{upload_id}", access=Access.ANYONE, phases=True, media_type="image/webp")
async def show(call: Call, upload_id: UUID, query: WhichSize) -> Reply:
    """The picture, in the size that is asked for."""
    pictures = call.ports.pictures
    picture = await media.uploaded_picture(call.db, call.tenant.id, pictures, upload_id, query.size)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": f'"{picture.etag}"',
    }
    return Reply(200, picture.data, picture.content_type, headers)


async def _bytes(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect:
        raise Malformed("The body did not arrive whole.") from None


def _base(call: Call) -> str:
    """Where the caller finds this storefront."""
    request = call.request
    return f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}"


def _address(call: Call, upload_id: UUID) -> str:
    return f"{_base(call)}/uploads/images/{upload_id}"


def _bound(call: Call, upload_id: UUID) -> Bound:
    return Bound("uploads", upload_id, "address", call.tenant.id)


def _signature(call: Call, upload_id: UUID) -> str:
    return urlsafe_b64encode(call.ports.sealer.seal(b"PUT", aad=_bound(call, upload_id))).decode().rstrip("=")


def _check(call: Call, upload_id: UUID, signature: str) -> None:
    """Raises `BadSignature`; when the address expires is for the domain to say."""
    try:
        sealed = urlsafe_b64decode(signature.encode("ascii") + b"==")
        call.ports.sealer.open(sealed, aad=_bound(call, upload_id))
    except (SealBroken, NotBase64, UnicodeEncodeError):
        raise BadSignature from None
