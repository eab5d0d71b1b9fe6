"""Why a film, or something about one, is not to be had."""

from bookable.kernel.errors import Conflict, DomainError, Forbidden, Kind, NotFound

__all__ = ["INTERRUPTED", "FileTooLarge", "ImportExists", "NoSuchFilm", "NoSuchImport", "NotYourFilm"]

INTERRUPTED = "IMPORT_INTERRUPTED"
"""The code of an import that ended without anybody saying why: nothing of it remains."""


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


class NoSuchImport(NotFound):
    """There is none by that id, or it is somebody else's."""

    message = "There is no such import."


class ImportExists(Conflict):
    """One by this id is under way, or done."""

    code = "IMPORT_EXISTS"
    message = "An import by this id is under way, or done."
