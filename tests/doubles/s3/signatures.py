"""AWS Signature Version 4, from the verifier's side: signed headers and signed addresses.

Written from the documentation of Amazon S3 ("Authenticating Requests (AWS Signature Version 4)"), not from a client.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote_to_bytes

__all__ = ["Asked", "Keys", "Refused", "canonical", "check"]

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"
_SKEW = timedelta(minutes=15)
_WEEK = 604_800


@dataclass(frozen=True)
class Keys:
    """What the store knows of its one customer."""

    access_key_id: str
    secret: str
    region: str


@dataclass(frozen=True)
class Asked:
    """A request as it came off the wire: nothing decoded, header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def parameters(self) -> dict[str, str]:
        """What the query says, decoded."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


class Refused(Exception):
    """Why S3 does not do it, with S3's own code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class _Claim:
    """What a request says of its own signature."""

    credential: str
    signed: tuple[str, ...]
    signature: str
    date: str
    payload: str

    @property
    def access_key_id(self) -> str:
        return self.credential.split("/")[0]

    @property
    def scope(self) -> str:
        return self.credential.partition("/")[2]

    @property
    def at(self) -> datetime:
        try:
            return datetime.strptime(self.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise Refused(403, "AccessDenied", "AWS authentication requires a valid Date") from None


def check(asked: Asked, keys: Keys, now: datetime) -> None:
    """Quiet for a request that its owner signed, of which nothing was changed, and whose time is not over.

    Raises `Refused` with the status and the code that S3 answers with.
    """
    if "X-Amz-Algorithm" in asked.parameters:
        claim = _from_query(asked)
        _not_expired(asked, claim, now)
    else:
        claim = _from_headers(asked)
        if abs(now - claim.at) > _SKEW:
            raise Refused(403, "RequestTimeTooSkewed", "The difference between the clocks is too large.")
    if claim.access_key_id != keys.access_key_id:
        raise Refused(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
    _of_this_place(claim, keys)
    _all_signed(asked, claim)
    if not hmac.compare_digest(_signature(asked, claim, keys), claim.signature):
        raise Refused(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
    if claim.payload not in (_UNSIGNED, hashlib.sha256(asked.body).hexdigest()):
        raise Refused(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match.")


def canonical(asked: Asked, signed: tuple[str, ...], payload: str) -> str:
    """The canonical request: the one form of it that both sides sign."""
    query = sorted((_encoded(n), _encoded(v)) for n, v in parse_qsl(asked.query, keep_blank_values=True))
    return "\n".join(
        [
            asked.method,
            quote(unquote_to_bytes(asked.path), safe="/-_.~"),
            "&".join(f"{n}={v}" for n, v in query if n != "X-Amz-Signature"),
            *(f"{name}:{' '.join(asked.headers.get(name, '').split())}" for name in signed),
            "",
            ";".join(signed),
            payload,
        ]
    )


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _signature(asked: Asked, claim: _Claim, keys: Keys) -> str:
    digest = hashlib.sha256(canonical(asked, claim.signed, claim.payload).encode()).hexdigest()
    key = f"AWS4{keys.secret}".encode()
    for part in claim.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, "\n".join([_ALGORITHM, claim.date, claim.scope, digest]).encode(), "sha256").hex()


def _from_query(asked: Asked) -> _Claim:
    said = asked.parameters
    names = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date")
    if said["X-Amz-Algorithm"] != _ALGORITHM or any(name not in said for name in (*names, "X-Amz-Expires")):
        raise Refused(400, "AuthorizationQueryParametersError", "Query-string authentication version 4 requires more.")
    credential, signed, signature, date = (said[name] for name in names)
    payload = asked.headers.get("x-amz-content-sha256", _UNSIGNED)
    return _Claim(credential, tuple(signed.split(";")), signature, date, payload)


def _not_expired(asked: Asked, claim: _Claim, now: datetime) -> None:
    lifetime = asked.parameters["X-Amz-Expires"]
    if not lifetime.isdigit() or not 0 < int(lifetime) <= _WEEK:
        raise Refused(400, "AuthorizationQueryParametersError", "X-Amz-Expires must be between 1 and 604800 seconds")
    if now < claim.at - _SKEW:
        raise Refused(403, "AccessDenied", "Request is not valid yet")
    if now > claim.at + timedelta(seconds=int(lifetime)):
        raise Refused(403, "AccessDenied", "Request has expired")


def _from_headers(asked: Asked) -> _Claim:
    scheme, _, rest = asked.headers.get("authorization", "").partition(" ")
    if not scheme:
        raise Refused(403, "AccessDenied", "Access Denied")
    said = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != _ALGORITHM or said.keys() != {"Credential", "SignedHeaders", "Signature"}:
        raise Refused(400, "AuthorizationHeaderMalformed", "The authorization header is malformed.")
    payload = asked.headers.get("x-amz-content-sha256")
    if payload is None:
        raise Refused(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    signed = tuple(said["SignedHeaders"].split(";"))
    return _Claim(said["Credential"], signed, said["Signature"], asked.headers.get("x-amz-date", ""), payload)


def _of_this_place(claim: _Claim, keys: Keys) -> None:
    """A signature is good for one day, one region and one service."""
    if claim.scope != f"{claim.date[:8]}/{keys.region}/s3/aws4_request":
        message = f"The credential's scope is wrong; expecting the region '{keys.region}'."
        raise Refused(400, "AuthorizationHeaderMalformed", message)


def _all_signed(asked: Asked, claim: _Claim) -> None:
    """The host and whatever Amazon's headers say must be signed, else somebody on the way could change it."""
    must = {name for name in asked.headers if name.startswith("x-amz-")} | {"host"}
    if list(claim.signed) != sorted(claim.signed) or must - set(claim.signed):
        raise Refused(403, "AccessDenied", "There were headers present in the request which were not signed")
