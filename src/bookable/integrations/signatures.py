"""How webhooks in Stripe's scheme are signed: `t=UNIX,v1=HEX`, HMAC-SHA256 of `t.body` under the whole secret.

Source: docs.stripe.com/webhooks#verify-manually. The official SDK refuses only timestamps of the past;
here the window is closed on both sides, so that a message dated ahead can't be kept for later.
"""

import hmac
import re
from hashlib import sha256

from bookable.domain.payments.ports import InvalidSignature

__all__ = ["TOLERANCE", "sign", "verify"]

TOLERANCE = 300
"""Seconds that a timestamp may be away from real time, in either direction."""

_UNIX = re.compile(r"\d{1,12}", re.ASCII)


def sign(body: bytes, secret: str, at: int) -> str:
    """The header that goes with `body`, signed at the unix second `at`."""
    return f"t={at},v1={_digest(body, secret, str(at))}"


def verify(body: bytes, header: str | None, secret: str, *, now: float) -> None:
    """Return when one `v1` of the header is right and its one `t` within the tolerance of the unix time `now`.

    Raises `InvalidSignature` otherwise, also without a header or a secret. Other schemes (`v0`) never count.
    """
    stamp, candidates = _read(header)
    if not secret or stamp is None or abs(now - int(stamp)) > TOLERANCE:
        raise InvalidSignature
    expected = _digest(body, secret, stamp).encode()
    # Every candidate is compared, each in constant time: how long it takes tells nothing.
    if not sum(hmac.compare_digest(expected, given.encode()) for given in candidates):
        raise InvalidSignature


def _digest(body: bytes, secret: str, stamp: str) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()


def _read(header: str | None) -> tuple[str | None, list[str]]:
    pairs = [part.strip().partition("=") for part in (header or "").split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    candidates = [value for name, _, value in pairs if name == "v1"]
    good = len(stamps) == 1 and _UNIX.fullmatch(stamps[0])
    return (stamps[0] if good else None), candidates
