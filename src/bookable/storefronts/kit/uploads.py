"""Files that come over the wire: one of them, in a form."""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from bookable.kernel.errors import DomainError, FieldError, Kind, Malformed

__all__ = ["FORM_WITH_FILE", "uploaded"]

FORM_WITH_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            }
        },
    }
}
"""`extra` of an operation that takes one."""


class NotAForm(DomainError):
    """The body is of a type that this operation does not read."""

    kind = Kind.UNSUPPORTED_MEDIA
    code = "UNSUPPORTED_MEDIA_TYPE"
    message = "Send the file as multipart/form-data, in the field `file`."


async def uploaded(request: Request) -> bytes:
    """The bytes of the form's field `file`. Raises `NotAForm`, `Malformed`, `ValidationFailed` on `file`.

    Parts beside it are few and small; what the file is called, and what it says it is, is not looked at.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise NotAForm
    try:
        async with request.form(max_files=1, max_fields=10, max_part_size=64 * 1024) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise FieldError("file", "Send the file in this field.")
            return await file.read()
    except (HTTPException, MultiPartException, ClientDisconnect, KeyError, ValueError) as error:
        raise Malformed("The form could not be read.") from error
