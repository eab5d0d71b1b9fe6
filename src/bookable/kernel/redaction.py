"""What no log line may carry: passwords, tokens, keys, cookies, card numbers; by their name or by their look."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

__all__ = ["HIDDEN", "redacted", "redacted_text"]

HIDDEN = "[redacted]"
_DEEPEST = 8
_SHORTEST_CARD = 13
_LONGEST_TEXT = 16_000

_SECRET_NAME = re.compile(
    r"passw|token|authorization|secret|cookie|^card|cardnumber|^pan$|cvc|cvv|apikey|privatekey|encryptionkey"
    r"|initdata|credential|^otp$|^pin$|^iban$|signature"
)
_HARMLESS_NAME = re.compile(r"(version|type|count|expires(at|in)?|id|kind|hashing)$")
_SECRET_TEXT = re.compile(
    r"""
      eyJ[\w-]{4,}\.[\w-]+\.[\w-]*                                  # JSON web tokens
    | \b[srp]k_(?:live|test)_\w+ | \bsk_\w{8,} | \bSG\.[\w-]+\.[\w-]+  # keys of Stripe, SendGrid
    | whsec_[\w+/=-]+ | _secret_\w+                                 # webhook and intent secrets
    | \$argon2\w+\$\S+ | \$2[aby]\$\d\d\$\S+                        # password hashes
    | (?<=bot)\d+:[\w-]+                                            # Telegram's, in its addresses
    | (?<=://)[^/\s:@]*:[^/\s@]+(?=@)                               # user and password in an address
    | (?i:\b(?P<scheme>bearer|basic)\s+)[\w.~+/=:-]{6,}
    | (?P<name>(?i:passw\w{,20}|token|secret|authorization|cookie|api_?key)["']?\s*[:=]\s*|[?&]code=)
      (?:(?i:bearer|basic)\s+)?(?:"[^"]*"|'[^']*'|[^\s"',;&}]+)
    """,
    re.VERBOSE,
)
_HINTS = (
    *("eyj", "k_", "sg.", "whsec", "secret", "$", "bot", "://"),
    *("bearer", "basic", "passw", "token", "authorization", "cookie", "code", "key"),
)
_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d|\.\d)")


def redacted(value: Any, _depth: int = 0) -> Any:
    """The same, with every secret replaced; mappings and lists are gone through, other objects shown by repr."""
    if isinstance(value, str):
        return redacted_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if _depth >= _DEEPEST:
        return "[too deep]"
    if isinstance(value, Mapping):
        return {
            str(name): HIDDEN if _is_secret(str(name)) else redacted(inner, _depth + 1) for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(inner, _depth + 1) for inner in value]
    return redacted_text(repr(value) if isinstance(value, bytes) else str(value))


def redacted_text(text: str) -> str:
    """The text without what looks like a secret; of a very long one, its beginning and its end."""
    if len(text) > _LONGEST_TEXT:
        half = _LONGEST_TEXT // 2
        text = f"{text[:half]} [{len(text) - 2 * half} characters left out] {text[-half:]}"
    lower = text.lower()
    for hint in _HINTS:  # most lines have none: three times as fast as the pattern alone
        if hint in lower:
            text = _SECRET_TEXT.sub(_secret_hidden, text)
            break
    return _CARD.sub(_card_hidden, text) if len(text) >= _SHORTEST_CARD else text


@lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    plain = name.lower().replace("_", "").replace("-", "")
    return bool(_SECRET_NAME.search(plain)) and not _HARMLESS_NAME.search(plain)


def _secret_hidden(found: re.Match[str]) -> str:
    kept = found["name"] or (f"{found['scheme']} " if found["scheme"] else "")
    return kept + HIDDEN


def _card_hidden(found: re.Match[str]) -> str:
    digits = [int(character) for character in found[0] if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    is_card = (sum(doubled) + sum(digits[-1::-2])) % 10 == 0  # Luhn
    return HIDDEN if is_card else found[0]
