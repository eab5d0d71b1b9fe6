"""A token of ours holds for its tenant and its time; of thirty hostile ones none does, and none tells why."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from bookable.kernel.errors import Unauthenticated
from bookable.kernel.security import AccessTokens, TokenKeys

USER, TENANT, OTHER, SESSION = (UUID(int=n) for n in (1, 2, 3, 4))
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECRET = "a secret of thirty-two characters and more"


def pem(key: Any) -> bytes:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return bytes(key.private_bytes(*form))


def public_pem(key: Any) -> bytes:
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_key().public_bytes(*form))


ED, RSA = ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)
BY_SECRET = AccessTokens(TokenKeys.from_secret(SECRET), issuer="bookable")
BY_ED = AccessTokens(TokenKeys.from_key_pair(pem(ED)), issuer="bookable")
BY_RSA = AccessTokens(TokenKeys.from_key_pair(pem(RSA)), issuer="bookable")


def issued(by: AccessTokens = BY_SECRET, now: datetime = NOW) -> str:
    return by.issue(user_id=USER, tenant_id=TENANT, session_id=SESSION, role="fan", version=3, now=now)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    head, body, _ = token.split(".")
    return json.loads(decoded(head)), json.loads(decoded(body))


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed(header: Any, payload: Any, secret: bytes = SECRET.encode(), digest: str = "sha256") -> str:
    body = ".".join(
        encoded(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, payload)
    )
    return body + "." + encoded(hmac.new(secret, body.encode(), digest).digest())


@pytest.mark.parametrize("by", [BY_SECRET, BY_ED, BY_RSA])
def test_a_token_says_who_where_and_until_when(by: AccessTokens) -> None:
    token = issued(by)

    for _ in range(2):
        claims = by.verify(token, audience=TENANT, now=NOW)
        assert (claims.user_id, claims.tenant_id, claims.session_id) == (USER, TENANT, SESSION)
        assert (claims.role, claims.version) == ("fan", 3)
        assert claims.expires_at - claims.issued_at == 900
    assert parts(token)[0]["typ"] == "at+jwt"


@pytest.mark.parametrize("by", [BY_ED, BY_RSA])
def test_whoever_has_the_jwk_set_can_check_a_token(by: AccessTokens) -> None:
    token = issued(by)
    keys = jwt.PyJWKSet.from_dict(by.jwks())

    header = jwt.get_unverified_header(token)
    payload = jwt.decode(
        token, keys[header["kid"]].key, [header["alg"]], audience=str(TENANT), options={"verify_exp": False}
    )

    assert payload["sub"] == str(USER)
    assert not {"d", "p", "q", "dp", "dq", "qi"} & by.jwks()["keys"][0].keys()


def test_a_shared_secret_publishes_no_key() -> None:
    assert BY_SECRET.jwks() == {"keys": []}


def test_a_retired_key_still_checks_and_no_longer_signs() -> None:
    new = ed25519.Ed25519PrivateKey.generate()
    both = AccessTokens(TokenKeys.from_key_pair(pem(new), public_pem(ED)), issuer="bookable")

    assert both.verify(issued(BY_ED), audience=TENANT, now=NOW).user_id == USER
    assert len(both.jwks()["keys"]) == 2
    with pytest.raises(Unauthenticated):
        BY_ED.verify(issued(both), audience=TENANT, now=NOW)


def test_time_is_the_callers_and_a_token_from_the_future_holds() -> None:
    token = issued()

    BY_SECRET.verify(token, audience=TENANT, now=NOW - timedelta(days=30))
    BY_SECRET.verify(token, audience=TENANT, now=NOW + timedelta(seconds=899))
    with pytest.raises(Unauthenticated):
        BY_SECRET.verify(token, audience=TENANT, now=NOW + timedelta(seconds=900))


def test_a_remembered_token_is_still_refused_in_another_tenant() -> None:
    token = issued()
    BY_SECRET.verify(token, audience=TENANT, now=NOW)

    with pytest.raises(Unauthenticated):
        BY_SECRET.verify(token, audience=OTHER, now=NOW)


def test_leeway_is_given_after_the_end_only_where_asked_for() -> None:
    lenient = AccessTokens(TokenKeys.from_secret(SECRET), issuer="bookable", leeway=30)

    assert lenient.verify(issued(), audience=TENANT, now=NOW + timedelta(seconds=929))
    with pytest.raises(Unauthenticated):
        lenient.verify(issued(), audience=TENANT, now=NOW + timedelta(seconds=930))


def test_what_is_remembered_is_bounded_and_saves_most_of_the_work() -> None:
    tokens = AccessTokens(TokenKeys.from_secret(SECRET), issuer="bookable", remembered=3)
    many = [issued(tokens) for _ in range(10)]
    for token in many:
        tokens.verify(token, audience=TENANT, now=NOW)
    assert len(tokens._verified) == 3

    start = time.thread_time()
    for _ in range(1_000):
        tokens.verify(many[-1], audience=TENANT, now=NOW)
    assert time.thread_time() - start < 0.02


@dataclass(frozen=True)
class Hostile:
    name: str
    make: Callable[[], str]
    by: AccessTokens = BY_SECRET


HEADER, PAYLOAD = parts(issued())
RSA_HEADER, ED_HEADER = parts(issued(BY_RSA))[0], parts(issued(BY_ED))[0]


def with_header(**more: Any) -> Callable[[], str]:
    return lambda: signed({**HEADER, **more}, PAYLOAD)


def with_claims(**more: Any) -> Callable[[], str]:
    return lambda: signed(HEADER, {**PAYLOAD, **more})


def without(claim: str) -> Callable[[], str]:
    return lambda: signed(HEADER, {name: value for name, value in PAYLOAD.items() if name != claim})


def unsigned(algorithm: str) -> str:
    head, body, _ = signed({**HEADER, "alg": algorithm}, PAYLOAD).split(".")
    return f"{head}.{body}."


def respelled(token: str) -> str:
    """The same signature bytes, written with other spare bits."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    return token[:-1] + alphabet[last + 1 if last % 4 == 0 else last - 1]


def by_elliptic_curve() -> str:
    return jwt.encode(PAYLOAD, ec.generate_private_key(ec.SECP256R1()), "ES256", {"typ": "at+jwt"})


def with_a_key_of_their_own() -> str:
    theirs = rsa.generate_private_key(65537, 2048)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(theirs.public_key(), as_dict=True)
    return jwt.encode(PAYLOAD, theirs, "RS256", {**RSA_HEADER, "jwk": jwk})


def endless() -> str:
    return signed(HEADER, json.dumps({**PAYLOAD, "exp": 1}).replace('"exp": 1', '"exp": 1e999').encode())


HOSTILE = [
    Hostile("none", lambda: unsigned("none")),
    Hostile("nOnE", lambda: unsigned("nOnE")),
    Hostile("no signature", lambda: issued().rpartition(".")[0] + "."),
    Hostile("two parts", lambda: issued().rpartition(".")[0]),
    Hostile("four parts", lambda: issued() + ".e30"),
    Hostile("five parts", lambda: ".".join(["e30"] * 5)),
    Hostile("empty", lambda: ""),
    Hostile("dots", lambda: ".."),
    Hostile("not a token", lambda: "Bearer"),
    Hostile("not ASCII", lambda: issued() + "ü"),
    Hostile("a half pair", lambda: issued() + "\ud800"),
    Hostile("a NUL", lambda: issued() + "\0"),
    Hostile("padded", lambda: issued() + "="),
    Hostile("respelled", lambda: respelled(issued())),
    Hostile("64 KB", with_claims(pad="x" * 65_536)),
    Hostile("HS512", lambda: signed({**HEADER, "alg": "HS512"}, PAYLOAD, digest="sha512")),
    Hostile("algorithm a list", with_header(alg=["HS256"])),
    Hostile("HS256 by the RSA public key", lambda: signed(HEADER, PAYLOAD, public_pem(RSA)), BY_RSA),
    Hostile("the same with its kid", lambda: signed({**RSA_HEADER, "alg": "HS256"}, PAYLOAD, public_pem(RSA)), BY_RSA),
    Hostile("RS256 named, HMAC made", lambda: signed(RSA_HEADER, PAYLOAD, public_pem(RSA)), BY_RSA),
    Hostile("HS256 by the Ed25519 public key", lambda: signed(ED_HEADER, PAYLOAD, public_pem(ED)), BY_ED),
    Hostile("ES256", by_elliptic_curve, BY_RSA),
    Hostile("their own key in jwk", with_a_key_of_their_own, BY_RSA),
    Hostile("our key, no kid", lambda: jwt.encode(PAYLOAD, RSA, "RS256", {"typ": "at+jwt"}), BY_RSA),
    Hostile("jku", with_header(jku="https://evil.example/jwks.json")),
    Hostile("x5u", with_header(x5u="https://evil.example/cert")),
    Hostile("x5c", with_header(x5c=["AA"])),
    Hostile("jwk", with_header(jwk={"kty": "oct", "k": encoded(SECRET.encode())})),
    Hostile("crit unknown", with_header(crit=["bork"], bork=True)),
    Hostile("b64 false", with_header(b64=False, crit=["b64"])),
    Hostile("zip", with_header(zip="DEF")),
    Hostile("kid a path", with_header(kid="../../dev/null")),
    Hostile("kid SQL", with_header(kid="' OR 1=1 --")),
    Hostile("kid a list", with_header(kid=["x"])),
    Hostile("type JWT", with_header(typ="JWT")),
    Hostile("type refresh", with_header(typ="rt+jwt")),
    Hostile("no type", lambda: signed({"alg": "HS256"}, PAYLOAD)),
    Hostile("header a list", lambda: signed([], PAYLOAD)),
    Hostile("header deep", lambda: signed(b"[" * 1500, PAYLOAD)),
    Hostile("payload a list", lambda: signed(HEADER, [PAYLOAD])),
    Hostile("payload a string", lambda: signed(HEADER, "x")),
    Hostile("payload null", lambda: signed(HEADER, None)),
    Hostile("payload no JSON", lambda: signed(HEADER, b"\xff{")),
    Hostile("another secret", lambda: signed(HEADER, PAYLOAD, b"the key of the staging environment, longer")),
    Hostile("an empty secret", lambda: signed(HEADER, PAYLOAD, b"")),
    Hostile("another issuer", with_claims(iss="evil")),
    Hostile("a prefix of the issuer", with_claims(iss="book")),
    Hostile("a list of issuers", with_claims(iss=["bookable"])),
    Hostile("another audience", with_claims(aud=str(OTHER))),
    Hostile("a list of audiences", with_claims(aud=[str(TENANT), str(OTHER)])),
    Hostile("sub a number", with_claims(sub=1)),
    Hostile("sub a list", with_claims(sub=[str(USER)])),
    Hostile("sub in braces", with_claims(sub=f"{{{USER}}}")),
    Hostile("sub SQL", with_claims(sub="' OR 1=1 --")),
    Hostile("role a list", with_claims(role=["admin"])),
    Hostile("ver a truth", with_claims(ver=True)),
    Hostile("ver a text", with_claims(ver="3")),
    Hostile("exp a text", with_claims(exp="9999999999")),
    Hostile("exp a fraction", with_claims(exp=9e9)),
    Hostile("exp null", with_claims(exp=None)),
    Hostile(
        "exp endless",
        endless,
    ),
    Hostile("exp past", with_claims(exp=int(NOW.timestamp()))),
    *(Hostile(f"no {claim}", without(claim)) for claim in PAYLOAD),
    Hostile("sub twice", lambda: signed(HEADER, json.dumps(PAYLOAD).replace("{", f'{{"sub":"{OTHER}",', 1).encode())),
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_token_is_refused_with_the_same_words(hostile: Hostile) -> None:
    with pytest.raises(Unauthenticated) as caught:
        hostile.by.verify(hostile.make(), audience=TENANT, now=NOW)

    assert caught.value.text == "The access token is missing, has expired or is not valid."
    assert caught.value.details == {}


def test_the_forger_of_these_tests_makes_a_token_that_holds() -> None:
    """Negative control: the hostile tokens are refused for what is wrong with them, and for nothing else."""
    assert BY_SECRET.verify(signed(HEADER, PAYLOAD), audience=TENANT, now=NOW).user_id == USER
    token = issued()
    assert decoded(respelled(token).split(".")[2]) == decoded(token.split(".")[2])


def test_every_altered_character_is_refused() -> None:
    token = issued()
    accepted = 0
    for at in range(len(token)):
        altered = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        try:
            BY_SECRET.verify(altered, audience=TENANT, now=NOW)
            accepted += 1
        except Unauthenticated:
            pass

    assert accepted == 0


def test_mini_app_data_is_no_token() -> None:
    data = "query_id=AAF&user=%7B%22id%22%3A42%7D&auth_date=1&hash=" + hashlib.sha256(b"x").hexdigest()

    with pytest.raises(Unauthenticated):
        BY_SECRET.verify(data, audience=TENANT, now=NOW)


def test_keys_that_will_not_do_are_named() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    with pytest.raises(ValueError, match="JWT_SECRET"):
        TokenKeys.from_secret("")
    with pytest.raises(ValueError, match="2,048"):
        TokenKeys.from_key_pair(pem(weak))
    with pytest.raises(ValueError, match="PEM private key"):
        TokenKeys.from_key_pair("no key")
    with pytest.raises(ValueError, match="Ed25519 or RSA"):
        TokenKeys.from_key_pair(pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(ValueError, match="same kind"):
        TokenKeys.from_key_pair(pem(ED), public_pem(RSA))


def test_a_short_secret_serves_without_being_the_key_itself() -> None:
    short = AccessTokens(TokenKeys.from_secret("dev"), issuer="bookable")

    assert short.verify(issued(short), audience=TENANT, now=NOW).user_id == USER
    with pytest.raises(Unauthenticated):
        short.verify(signed(HEADER, PAYLOAD, b"dev"), audience=TENANT, now=NOW)
