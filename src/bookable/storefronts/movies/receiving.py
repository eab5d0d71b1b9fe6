"""A file of films as it arrives: as the body or in a form; on the disk, where it is more than a little."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from bookable.domain import films
from bookable.kernel.errors import DomainError, FieldError, Kind, Malformed

__all__ = ["announced", "received"]

_IN_MEMORY = 512 * 1024
_RAW = {"", "text/csv", "application/csv", "application/vnd.ms-excel", "text/plain", "application/octet-stream"}


class NotAFileOfFilms(DomainError):
    """The body is of a type that this operation does not read."""

    kind = Kind.UNSUPPORTED_MEDIA
    code = "UNSUPPORTED_MEDIA_TYPE"
    message = "Send CSV or JSON, as the body or in the field `file` of a form."


def announced(request: Request) -> int | None:
    """How many bytes are said to come, if the client says so."""
    said = request.headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else None


@asynccontextmanager
async def received(request: Request, progress: films.Progress) -> AsyncIterator[BinaryIO]:
    """The file that comes; `progress` counts what has come of it.

    Raises `NotAFileOfFilms`, `Malformed`, `ValidationFailed` on `file`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with _form(request, progress) as file:
            yield file
    elif kind in _RAW or kind == "application/json" or kind.endswith("+json"):
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            try:
                async for chunk in _counted(request, progress):
                    file.write(chunk)
            except ClientDisconnect:
                raise Malformed("The body did not arrive whole.") from None
            yield cast("BinaryIO", file)
    else:
        raise NotAFileOfFilms


async def _counted(request: Request, progress: films.Progress) -> AsyncGenerator[bytes, None]:
    async for chunk in request.stream():
        progress.received += len(chunk)
        yield chunk


@asynccontextmanager
async def _form(request: Request, progress: films.Progress) -> AsyncIterator[BinaryIO]:
    parser = MultiPartParser(
        request.headers, _counted(request, progress), max_files=1, max_fields=10, max_part_size=64 * 1024
    )
    try:
        form = await parser.parse()
    except (MultiPartException, ClientDisconnect, KeyError, ValueError) as error:
        raise Malformed("The form could not be read.") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise FieldError("file", "Send the file in this field.")
        yield file.file
    finally:
        await form.close()
