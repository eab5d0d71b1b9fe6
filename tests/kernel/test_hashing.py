"""Tokens are found by their digest; secrets are compared whole; each purpose has its own key."""

import hashlib

from bookable.kernel.security import derive, same, token_digest


def test_a_token_is_kept_as_its_sha256() -> None:
    assert token_digest("token") == hashlib.sha256(b"token").digest()
    assert len(token_digest("\ud800 half a pair")) == 32


def test_secrets_are_equal_or_not() -> None:
    assert same("größe", "größe".encode())
    assert not same("one", "two")
    assert not same("one", "one more")


def test_each_purpose_has_a_key_of_its_own() -> None:
    keys = {derive("secret", "cursors"), derive("secret", "downloads"), derive("other", "cursors")}

    assert len(keys) == 3
    assert derive("secret", "cursors") == derive(b"secret", "cursors")
    assert len(derive("secret", "cursors", 16)) == 16
