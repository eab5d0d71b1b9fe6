"""Why a film, or something about one, is not to be had."""

from bookable.kernel.errors import DomainError, Forbidden, Kind, NotFound

__all__ = ["FileTooLarge", "NoSuchFilm", "NotYourFilm"]


class NoSuchFilm(NotFound):
    """There is none by that number, or nothing behind that link."""

    message = "There is no such film."


class NotYourFilm(Forbidden):
    """There is one, and it is somebody else's."""

    message = "This film is in somebody else's collection."


class FileTooLarge(DomainError):
    """More bytes than a file of films may have."""

    kind = Kind.TOO_LARGE
    code = "PAYLOAD_TOO_LARGE"
    message = "A file may have 10 MB."
