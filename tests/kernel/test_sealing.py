"""Sealed values open with their key, in their place, unaltered; and in no other case."""

import os
import random
from dataclasses import replace
from uuid import UUID

import pytest

from bookable.kernel import metrics
from bookable.kernel.security import Bound, SealBroken, Sealer

TENANT = UUID(int=1)
PLACE = Bound(table="bank_links", row_id=UUID(int=7), column="access_token", tenant_id=TENANT)
OLD, NEW = b"o" * 32, b"n" * 32


def test_what_was_sealed_opens_in_its_place() -> None:
    sealer = Sealer([OLD])

    assert sealer.open_text(sealer.seal("access-sandbox-ß", aad=PLACE), aad=PLACE) == "access-sandbox-ß"
    assert sealer.open(sealer.seal(b"", aad=PLACE), aad=PLACE) == b""


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, table="social_links"),
        replace(PLACE, row_id=UUID(int=8)),
        replace(PLACE, column="refresh_token"),
        replace(PLACE, tenant_id=UUID(int=2)),
        replace(PLACE, table="bank_link", row_id=f"s{UUID(int=7)}"),
    ],
)
def test_a_sealed_value_moved_elsewhere_is_refused(elsewhere: Bound) -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal("secret", aad=PLACE)

    with pytest.raises(SealBroken):
        sealer.open(sealed, aad=elsewhere)


def test_of_a_thousand_flipped_bits_none_is_accepted_and_all_fail_alike() -> None:
    sealer, dice = Sealer([NEW, OLD]), random.Random(4)
    sealed = sealer.seal("access-sandbox-1234", aad=PLACE)
    texts = set()

    for _ in range(1_000):
        altered = bytearray(sealed)
        altered[dice.randrange(len(sealed))] ^= 1 << dice.randrange(8)
        with pytest.raises(SealBroken) as caught:
            sealer.open(bytes(altered), aad=PLACE)
        texts.add(str(caught.value))

    assert texts == {"A sealed value can't be opened."}


def test_a_truncated_or_foreign_value_is_refused() -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal("secret", aad=PLACE)

    for wrong in [*(sealed[:n] for n in range(len(sealed))), sealed + b"\0", b"plain text of long ago" * 4]:
        with pytest.raises(SealBroken):
            sealer.open(wrong, aad=PLACE)


def test_the_key_id_can_not_be_exchanged_for_another_keys() -> None:
    sealer = Sealer([NEW, OLD])
    by_old, by_new = Sealer([OLD]).seal("secret", aad=PLACE), sealer.seal("secret", aad=PLACE)

    with pytest.raises(SealBroken):
        sealer.open(by_new[:1] + by_old[1:5] + by_new[5:], aad=PLACE)


def test_rotation_reads_old_values_reseals_them_and_then_needs_the_old_key_no_more() -> None:
    before, during, after = Sealer([OLD]), Sealer([NEW, OLD]), Sealer([NEW])
    sealed = before.seal("secret", aad=PLACE)
    assert during.needs_rotation(sealed)

    rotated = during.reseal(sealed, aad=PLACE)

    assert during.open_text(sealed, aad=PLACE) == "secret"
    assert not during.needs_rotation(rotated)
    assert during.reseal(rotated, aad=PLACE) == rotated
    assert after.open_text(rotated, aad=PLACE) == "secret"
    with pytest.raises(SealBroken):
        after.open(sealed, aad=PLACE)


def test_nonces_never_repeat_and_encryptions_are_counted_by_key() -> None:
    sealer = Sealer([os.urandom(32)])

    sealed = [sealer.seal(b"x", aad=PLACE) for _ in range(20_000)]

    assert len({one[5:17] for one in sealed}) == 20_000
    counted = f'bookable_sealed_values_total{{key_id="{sealer.key_ids[0]}"}} 20000.0'
    assert counted in metrics.render().decode()


def test_the_setting_is_a_list_of_hex_keys_of_which_the_first_writes() -> None:
    sealer = Sealer.from_setting(f"{NEW.hex()}, {OLD.hex()}")

    assert sealer.open_text(Sealer([OLD]).seal("s", aad=PLACE), aad=PLACE) == "s"
    assert not Sealer([NEW]).needs_rotation(sealer.seal("s", aad=PLACE))


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("", "32 bytes"),
        ("zz" * 32, "64 hex digits"),
        ("ab" * 16, "32 bytes"),
        (f"{OLD.hex()},", "32 bytes"),
        (f"{OLD.hex()},{OLD.hex()}", "twice"),
    ],
)
def test_a_wrong_setting_is_named_and_never_shown(setting: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"ENCRYPTION_KEY: .*{reason}") as caught:
        Sealer.from_setting(setting)

    assert OLD.hex() not in str(caught.value)
