"""Why a picture is not taken."""

from bookable.kernel.errors import Conflict, DomainError, Gone, Kind, NotFound

__all__ = [
    "BrokenPicture",
    "NoSuchPicture",
    "NotAPicture",
    "NothingSent",
    "PictureTooLarge",
    "TooManyPictures",
    "UploadOver",
    "WrongBytes",
]


class NotAPicture(DomainError):
    """Its contents, whatever its name, are no JPEG, PNG or WebP."""

    kind = Kind.UNSUPPORTED_MEDIA
    code = "UNSUPPORTED_MEDIA_TYPE"
    message = "Send a JPEG, PNG or WebP picture."


class PictureTooLarge(DomainError):
    """More bytes or pixels than are taken."""

    kind = Kind.TOO_LARGE
    code = "PAYLOAD_TOO_LARGE"
    message = "A picture may have 5 MB and 25 million pixels."


class BrokenPicture(DomainError):
    """It begins like a picture, but can't be read to its end within bounds."""

    kind = Kind.INVALID
    code = "VALIDATION_ERROR"
    message = "This picture is broken."


class TooManyPictures(Conflict):
    """Somebody has as many as one may."""

    message = "You have as many pictures as you may; delete some first."


class NoSuchPicture(NotFound):
    """There is none, or it is somebody else's."""

    message = "There is no such picture."


class NothingSent(Conflict):
    """It was announced, and has not come."""

    message = "The picture has not been sent yet."


class UploadOver(Gone):
    """Its address was good for a quarter of an hour, or for one picture."""

    message = "This address takes no picture any more; ask for a new one."


class WrongBytes(DomainError):
    """What came is not of the size or type that was announced."""

    kind = Kind.INVALID
    code = "VALIDATION_ERROR"
    message = "These are not the bytes that were announced: their size or type differs."
