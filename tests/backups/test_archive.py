"""A backup's file proves itself: what was cut short, altered, added or taken away is found before anything is done."""

import os
import random
from pathlib import Path

import pytest

from bookable.backups import BackupError
from bookable.backups.archive import DUMP, MEDIA, Writer, dump_of, pictures_in, verified

from .conftest import AT

PICTURE = f"{MEDIA}{'a' * 32}/{'b' * 32}-{'c' * 64}.webp"


def written(path: Path, *more: tuple[str, bytes]) -> Path:
    with path.open("w+b") as file:
        writer = Writer(file, at=AT)
        writer.add(DUMP, [b"one", b"two" * 1000])
        for name, content in more:
            writer.add(name, [content])
        writer.finish(bookable="0.1.0", postgresql="18.6", schema="0001", pictures=bool(more))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "backup.tar", (PICTURE, b"picture" * 700))


def test_what_was_written_is_read(file: Path) -> None:
    manifest = verified(file)
    assert (manifest.made_at, manifest.schema, manifest.pictures) == (AT, "0001", True)
    with dump_of(file) as dump:
        assert dump.read() == b"one" + b"two" * 1000
    assert [(str(name), content) for name, content in pictures_in(file)] == [
        (PICTURE.removeprefix(MEDIA), b"picture" * 700)
    ]


def test_it_is_a_tar_that_anybody_can_look_into(file: Path) -> None:
    listed = os.popen(f"tar -tf {file}").read().splitlines()
    assert listed == [DUMP, PICTURE, "manifest.json", "manifest.sha256"]


def test_a_file_cut_short_anywhere_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for length in (0, 1, 511, 512, 1000, *random.sample(range(len(whole)), 40), len(whole) - 1024, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(BackupError, match="cut short"):
            verified(file)


@pytest.mark.parametrize(
    "what", [b"onetwotwo", b"picturepicture", b'"schema": "0001"', b'"made_at": "2026', PICTURE.encode()]
)
def test_one_altered_bit_is_found_wherever_it_is(file: Path, what: bytes) -> None:
    whole = bytearray(file.read_bytes())
    place = whole.index(what)
    whole[place + len(what) - 1] ^= 1
    file.write_bytes(whole)
    with pytest.raises(BackupError, match="altered"):
        verified(file)


def test_a_member_taken_away_or_added_is_found(file: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other.tar").read_bytes()
    whole = file.read_bytes()
    manifest_of_the_first = whole[whole.index(b"manifest.json") :]
    manifest_of_the_other = other[other.index(b"manifest.json") :]
    for mixed in (
        other[: other.index(b"manifest.json")] + manifest_of_the_first,
        whole[: whole.index(b"manifest.json")] + manifest_of_the_other,
    ):
        file.write_bytes(mixed)
        with pytest.raises(BackupError, match="not those of its manifest"):
            verified(file)


@pytest.mark.parametrize("name", ["media/../../etc/passwd", "/etc/passwd"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(BackupError, match="altered"):
        verified(written(tmp_path / "hostile.tar", (name, b"x")))


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello" * 1000)
    with pytest.raises(BackupError, match="no backup"):
        verified(tmp_path / "a.txt")
    with pytest.raises(BackupError, match="can't be read"):
        verified(tmp_path / "none.tar")
