"""Why a film, or something about one, is not to be had."""

from bookable.kernel.errors import Forbidden, NotFound

__all__ = ["NoSuchFilm", "NotYourFilm"]


class NoSuchFilm(NotFound):
    """There is none by that number, or nothing behind that link."""

    message = "There is no such film."


class NotYourFilm(Forbidden):
    """There is one, and it is somebody else's."""

    message = "This film is in somebody else's collection."
