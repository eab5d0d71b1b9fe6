"""Money: an integer count of a currency's minor unit. Nothing here ever passes through a float."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

__all__ = ["CurrencyMismatch", "Money", "exponent", "share_bps"]

# ISO 4217 currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys(
        ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"], 0
    ),
    **dict.fromkeys(["XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


class CurrencyMismatch(TypeError):
    """Two amounts of different currencies can't be added or compared."""


def exponent(currency: str) -> int:
    """Digits after the decimal point, by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, 2)


def share_bps(amount: int, bps: int) -> int:
    """`bps` basis points of `amount`, rounded half up (away from zero) to the minor unit."""
    sign = -1 if (amount < 0) != (bps < 0) else 1
    return sign * ((abs(amount) * abs(bps) + 5_000) // 10_000)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`Money(1099, "EUR")` is 10.99 euro. Raises `CurrencyMismatch` when currencies meet."""

    amount: int
    currency: str

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount <= other.amount

    def share(self, bps: int) -> "Money":
        """Basis points of this amount, rounded half up."""
        return Money(share_bps(self.amount, bps), self.currency)

    def split(self, weights: list[int]) -> list["Money"]:
        """Parts in proportion to `weights` (largest remainder first); they always add up to the whole."""
        total = sum(weights)
        parts = [self.amount * w // total for w in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: -(self.amount * weights[i] % total))
        for i in by_remainder[: self.amount - sum(parts)]:
            parts[i] += 1
        return [Money(p, self.currency) for p in parts]

    def decimal(self) -> Decimal:
        """The amount in major units, with the currency's own number of digits."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """From major units; raises ValueError for more digits than the currency has."""
        scaled = Decimal(text).scaleb(exponent(currency))
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{text} has more digits than {currency}")
        return cls(int(scaled), currency)

    def __str__(self) -> str:
        return f"{self.decimal()} {self.currency}"
