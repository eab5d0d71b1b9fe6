"""The S3 of the tests verifies as Amazon does: with Amazon's own examples, and each of them a little changed."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.doubles.s3 import Asked, Keys, Refused, check
from tests.doubles.s3.signatures import canonical

KEYS = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
THEN = datetime(2013, 5, 24, tzinfo=UTC)
SCOPE = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"

ADDRESS = Asked(
    "GET",
    "/test.txt",
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    {"host": "examplebucket.s3.amazonaws.com"},
)


def signed(method: str, path: str, query: str, signature: str, body: bytes = b"", **headers: str) -> Asked:
    """A request as in Amazon's examples for the Authorization header."""
    there = {
        "host": "examplebucket.s3.amazonaws.com",
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-amz-date": "20130524T000000Z",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    names = ";".join(sorted(there))
    there["authorization"] = f"AWS4-HMAC-SHA256 Credential={SCOPE},SignedHeaders={names},Signature={signature}"
    return Asked(method, path, query, there, body)


READ = signed(
    "GET", "/test.txt", "", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", range="bytes=0-9"
)
WRITE = signed(
    "PUT",
    "/test%24file.text",
    "",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    b"Welcome to Amazon S3.",
    date="Fri, 24 May 2013 00:00:00 GMT",
    x_amz_storage_class="REDUCED_REDUNDANCY",
)
PARAMETER = signed("GET", "/", "lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
LISTING = signed("GET", "/", "max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")


def refusal(asked: Asked, keys: Keys = KEYS, now: datetime = THEN) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        check(asked, keys, now)
    return refused.value.status, refused.value.code


@pytest.mark.parametrize("asked", [ADDRESS, READ, WRITE, PARAMETER, LISTING])
def test_amazons_examples_are_believed(asked: Asked) -> None:
    check(asked, KEYS, THEN)


def test_the_canonical_request_is_the_documented_one() -> None:
    text = canonical(ADDRESS, ("host",), "UNSIGNED-PAYLOAD")
    digest = "3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04"
    assert hashlib.sha256(text.encode()).hexdigest() == digest


@pytest.mark.parametrize(
    "asked",
    [
        replace(ADDRESS, method="PUT"),
        replace(ADDRESS, path="/test2.txt"),
        replace(ADDRESS, query=ADDRESS.query.replace("86400", "86401")),
        replace(ADDRESS, query=ADDRESS.query + "&x=1"),
        replace(ADDRESS, query=ADDRESS.query[:-1] + "5"),
        replace(ADDRESS, headers={"host": "another.s3.amazonaws.com"}),
        replace(READ, headers={**READ.headers, "range": "bytes=0-99"}),
        replace(LISTING, query="max-keys=2&prefix=K"),
        replace(WRITE, headers={**WRITE.headers, "x-amz-storage-class": "STANDARD"}),
    ],
)
def test_whatever_was_signed_can_not_be_changed(asked: Asked) -> None:
    assert refusal(asked) == (403, "SignatureDoesNotMatch")


def test_another_secret_signs_otherwise() -> None:
    for asked in (ADDRESS, READ):
        assert refusal(asked, replace(KEYS, secret="another")) == (403, "SignatureDoesNotMatch")
        assert refusal(asked, replace(KEYS, access_key_id="another")) == (403, "InvalidAccessKeyId")
        assert refusal(asked, replace(KEYS, region="eu-west-1")) == (400, "AuthorizationHeaderMalformed")


def test_an_address_has_its_time() -> None:
    day = timedelta(seconds=86_400)
    check(ADDRESS, KEYS, THEN + day)
    assert refusal(ADDRESS, now=THEN + day + timedelta(seconds=1)) == (403, "AccessDenied")
    assert refusal(ADDRESS, now=THEN - timedelta(minutes=16)) == (403, "AccessDenied")
    for lifetime in ("0", "-1", "604801", "x", ""):
        asked = replace(ADDRESS, query=ADDRESS.query.replace("86400", lifetime))
        assert refusal(asked) == (400, "AuthorizationQueryParametersError")


def test_a_signed_request_has_a_quarter_of_an_hour() -> None:
    check(READ, KEYS, THEN + timedelta(minutes=15))
    for minutes in (16, -16):
        assert refusal(READ, now=THEN + timedelta(minutes=minutes)) == (403, "RequestTimeTooSkewed")


def test_the_body_is_the_one_whose_digest_was_signed() -> None:
    assert refusal(replace(WRITE, body=b"Welcome to Amazon S4.")) == (400, "XAmzContentSHA256Mismatch")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (replace(READ, headers={}), (403, "AccessDenied")),
        (replace(READ, headers={"authorization": "Bearer x"}), (400, "AuthorizationHeaderMalformed")),
        (replace(READ, headers={**READ.headers, "x-amz-acl": "public-read"}), (403, "AccessDenied")),
        (replace(ADDRESS, headers={**ADDRESS.headers, "x-amz-acl": "public-read"}), (403, "AccessDenied")),
        (replace(ADDRESS, query="X-Amz-Algorithm=AWS4-HMAC-SHA256"), (400, "AuthorizationQueryParametersError")),
        (
            replace(READ, headers={k: v for k, v in READ.headers.items() if k != "x-amz-content-sha256"}),
            (400, "InvalidRequest"),
        ),
    ],
)
def test_what_lacks_a_signature_or_has_more_than_was_signed_is_refused(asked: Asked, expected: tuple[int, str]) -> None:
    assert refusal(asked) == expected
