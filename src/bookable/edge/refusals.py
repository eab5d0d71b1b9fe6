"""What the edge itself refuses, each with the status that it is answered with in every storefront."""

from typing import ClassVar

from bookable.kernel.errors import DomainError, Kind

__all__ = ["Failed", "MethodNotAllowed", "NotAnswered", "NotReadable", "Refusal", "TooLarge", "TooLong", "TooSlow"]


class Refusal(DomainError):
    """Answered by the edge, in the storefront's envelope, with this status."""

    status: ClassVar[int]


class NotReadable(Refusal):
    """A request that no storefront could read."""

    status = 400
    kind = Kind.MALFORMED
    code = "MALFORMED_REQUEST"
    message = "The request could not be read."


class MethodNotAllowed(Refusal):
    """A method that nothing here answers, such as TRACE."""

    status = 405
    kind = Kind.MALFORMED
    code = "METHOD_NOT_ALLOWED"
    message = "This method is not allowed."


class TooSlow(Refusal):
    """The body did not arrive in time."""

    status = 408
    kind = Kind.MALFORMED
    code = "REQUEST_TIMEOUT"
    message = "The request did not arrive in time."


class TooLarge(Refusal):
    """The body is larger than this path takes."""

    status = 413
    kind = Kind.TOO_LARGE
    code = "PAYLOAD_TOO_LARGE"
    message = "The request is too large."


class TooLong(Refusal):
    """The address is longer than any of ours."""

    status = 414
    kind = Kind.MALFORMED
    code = "MALFORMED_REQUEST"
    message = "The address is too long."


class Failed(Refusal):
    """A mistake of ours; what went wrong is in the log and nowhere else."""

    status = 500
    kind = Kind.UNAVAILABLE
    code = "INTERNAL_ERROR"
    message = "Something went wrong on our side."


class NotAnswered(Refusal):
    """No answer was found in the time that a request has."""

    status = 503
    kind = Kind.UNAVAILABLE
    code = "PROVIDER_UNAVAILABLE"
    message = "This took too long; try again shortly."
