"""Which passwords a product accepts, as data: each storefront has its own numbers."""

from dataclasses import dataclass
from functools import cache

from bookable.kernel.errors import FieldError

__all__ = ["PasswordPolicy"]


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """Length in characters; whether a letter and a digit are asked for; whether well-known ones are refused."""

    shortest: int = 8
    longest: int = 128
    letter_and_digit: bool = True
    refuse_common: bool = True

    def check(self, password: str, *, email: str | None = None, field: str = "password") -> None:
        """Raises `ValidationFailed` on `field`, with what to do about it."""
        problem = self._problem(password, email)
        if problem:
            raise FieldError(field, problem)

    def _problem(self, password: str, email: str | None) -> str | None:
        if len(password) < self.shortest:
            return f"Use at least {self.shortest} characters."
        if len(password) > self.longest:
            return f"Use at most {self.longest} characters."
        if any("\ud800" <= character <= "\udfff" for character in password):
            return "Use only valid characters."
        if self.letter_and_digit and not _has_letter_and_digit(password):
            return "Use at least one letter and one digit."
        if email and _is_email(password, email):
            return "Choose something other than your email address."
        if self.refuse_common and password.lower() in _common():
            return "This password is one of the most common ones; choose another."
        return None


def _has_letter_and_digit(password: str) -> bool:
    return any(map(str.isalpha, password)) and any(map(str.isdigit, password))


def _is_email(password: str, email: str) -> bool:
    whole = email.strip().casefold()
    return password.strip().casefold() in {whole, whole.partition("@")[0]}


@cache
def _common() -> frozenset[str]:
    """The 30,000 passwords seen most often, of zxcvbn; in lower case. Its other lists, 12 MB of them, are let go."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    common = frozenset(FREQUENCY_LISTS["passwords"])
    FREQUENCY_LISTS.clear()
    return common
