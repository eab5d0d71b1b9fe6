"""Pictures that are announced first and then sent straight to the store; checked, and drawn in three sizes."""

from datetime import timedelta
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Unauthenticated
from bookable.kernel.ids import new_id

from . import queries
from .errors import NoSuchPicture, NotAPicture, NothingSent, PictureTooLarge, TooManyPictures, UploadOver, WrongBytes
from .pictures import MOST_BYTES, Redrawn, redrawn
from .queries import uploads
from .records import Purpose, Size, Upload
from .store import Picture, Store, path_of

__all__ = ["announce", "complete", "receive", "upload_path", "uploaded_picture"]

_LIFETIME = timedelta(minutes=15)
_MAGIC = {
    "image/jpeg": lambda data: data.startswith(b"\xff\xd8\xff"),
    "image/png": lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/webp": lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP",
}


async def announce(tx: Transaction, owner_id: UUID, content_type: str, size: int) -> Upload:
    """A place for a picture that is to come within a quarter of an hour. Raises `NotAPicture`, `PictureTooLarge`."""
    if content_type not in _MAGIC:
        raise NotAPicture
    if size > MOST_BYTES:
        raise PictureTooLarge
    await tx.run(uploads.drop_stale, owner_id=owner_id)
    return await tx.one(
        uploads.add, id=new_id(), owner_id=owner_id, content_type=content_type, size=size, lifetime=_LIFETIME
    )


def upload_path(tenant_id: UUID, upload_id: UUID) -> str:
    """Where the bytes lie until they are checked; nobody is shown them there, and in an hour they are swept away."""
    return f"{tenant_id.hex}/{upload_id.hex}.upload"


async def receive(db: Database, tenant_id: UUID, store: Store, upload_id: UUID, content_type: str, data: bytes) -> None:
    """The bytes, from whoever holds the signed address. Raises `NoSuchPicture`, `UploadOver`, `WrongBytes`."""
    async with db.transaction(Actor.system(tenant_id)) as tx:
        upload = await tx.one(uploads.one, upload_id=upload_id, or_raise=NoSuchPicture)
    if upload.large is not None or upload.expires_at <= db.clock.now():
        raise UploadOver
    if content_type != upload.content_type or len(data) != upload.size:
        raise WrongBytes
    await store.put(upload_path(tenant_id, upload_id), data)


async def complete(db: Database, actor: Actor, store: Store, upload_id: UUID) -> Upload:
    """Check what came and keep it in three sizes; asked again, it answers the same.

    Raises `NoSuchPicture`, `NothingSent`, `WrongBytes`, `PictureTooLarge`, `NotAPicture`, `BrokenPicture`,
    `TooManyPictures`, `Unavailable`.
    """
    if actor.id is None:
        raise Unauthenticated
    async with db.transaction(actor) as tx:
        upload = await tx.one(uploads.own, upload_id=upload_id, owner_id=actor.id, or_raise=NoSuchPicture)
    if upload.large is not None:
        return upload
    path = upload_path(actor.tenant_id, upload_id)
    data = await store.received(path, upload.size)
    if data is None:
        raise NothingSent
    if not _MAGIC[upload.content_type](data):
        raise WrongBytes
    drawn = await _sizes(data)
    given = {size: (new_id(), picture, Store.digest(picture.data)) for size, picture in drawn.items()}
    paths = {size: path_of(actor.tenant_id, id_, digest) for size, (id_, _, digest) in given.items()}
    for size, (_, picture, _) in given.items():
        await store.put(paths[size], picture.data)

    async def work(tx: Transaction) -> Upload:
        kept = await tx.first(uploads.complete, upload_id=upload_id, owner_id=actor.id, **paths)
        if kept is None:  # another call was quicker; what this one stored is swept away
            return await tx.one(uploads.own, upload_id=upload_id, owner_id=actor.id, or_raise=NoSuchPicture)
        for size, (id_, picture, digest) in given.items():
            await _note(tx, kept.owner_id, id_, picture, digest, paths[size])
        return kept

    kept = await db.run(actor, work)
    await store.delete(path)
    return kept


async def uploaded_picture(db: Database, tenant_id: UUID, store: Store, upload_id: UUID, size: Size) -> Picture:
    """The picture, once it is complete: for anyone who has its address. Raises `NoSuchPicture`."""
    async with db.transaction(Actor.system(tenant_id)) as tx:
        upload = await tx.one(uploads.one, upload_id=upload_id, or_raise=NoSuchPicture)
    path = upload.path(size)
    picture = await store.read(path) if path else None
    if picture is None:
        raise NoSuchPicture
    return picture


async def _sizes(data: bytes) -> dict[Size, Redrawn]:
    """The largest from what came, and each smaller one from the one before."""
    drawn = {}
    for size in (Size.LARGE, Size.MEDIUM, Size.SMALL):
        drawn[size] = await redrawn(data, side=size.side)
        data = drawn[size].data
    return drawn


async def _note(tx: Transaction, owner_id: UUID, id_: UUID, picture: Redrawn, digest: bytes, path: str) -> None:
    await tx.one(
        queries.add,
        or_raise=TooManyPictures,
        media_id=id_,
        owner_id=owner_id,
        purpose=Purpose.FILM.value,
        content_type="image/webp",
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        sha256=digest,
        path=path,
    )
