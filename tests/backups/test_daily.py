"""One backup a day, by whoever is first; the old ones go, a failure is loud, and nobody has to wait for it."""

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from bookable import backups
from bookable.backups.archive import verified
from bookable.kernel import logs, metrics
from bookable.kernel.db import Database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def daily(house: Database, folder: Path, pictures: Path) -> backups.Daily:
    """Keeps three."""
    return backups.Daily(folder, keep=3, url=house.url, pictures=pictures)


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What is logged."""
    stream = StringIO()
    logs.configure(stream=stream)
    yield stream
    logs.configure(json=False, stream=sys.__stderr__)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def lay_out(folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(b"before")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def told() -> float:
    return metrics.registry.get_sample_value("bookable_backup_last_success_timestamp_seconds") or 0


async def test_a_day_has_one_backup_and_it_is_whole(house: Database, daily: backups.Daily, folder: Path) -> None:
    began = time.time()
    await daily.make_if_due(house)
    [name] = names(folder)
    first = (folder / name).stat()
    await daily.make_if_due(house)
    assert names(folder) == [name]
    assert (folder / name).stat() == first
    assert len(verified(folder / name).files) == 2
    assert began <= told() <= time.time()
    assert mode(folder) == 0o700


async def test_of_two_at_a_time_one_makes_it(house: Database, daily: backups.Daily, folder: Path) -> None:
    outcomes = await asyncio.gather(daily.make_if_due(house), daily.make_if_due(house), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, backups.BackupError)]
    assert len(refused) <= 1
    assert outcomes.count(None) >= 1
    [name] = names(folder)
    verified(folder / name)


async def test_the_oldest_go_and_what_is_not_ours_stays(house: Database, daily: backups.Daily, folder: Path) -> None:
    now = house.clock.real()
    days = [f"bookable-daily-{now - timedelta(days=n):%Y-%m-%d}.tar" for n in range(6)]
    lay_out(folder, *days[1:], "bookable-2020-01-01T000000Z.tar", "notes.tar", f".{days[4]}.partial")
    await daily.make_if_due(house)
    assert names(folder) == sorted([*days[:3], "bookable-2020-01-01T000000Z.tar", "notes.tar"])


async def test_one_that_fails_leaves_nothing_and_is_raised_for_another_try(
    house: Database, daily: backups.Daily, folder: Path, lines: StringIO
) -> None:
    password = house.url.split(":")[2].split("@")[0]
    unreachable = replace(daily, url=house.url.replace(f"{password}@", "wr0ng@"))
    with pytest.raises(backups.BackupError, match="can't be asked") as said:
        await unreachable.make_if_due(house)
    assert "wr0ng" not in str(said.value)
    assert names(folder) == []
    [line] = [one for one in lines.getvalue().splitlines() if "backup_failed" in one]
    assert '"level": "error"' in line
    assert "wr0ng" not in line
    await daily.make_if_due(house)
    assert len(names(folder)) == 1


async def test_a_job_that_is_ended_ends_the_backup_and_leaves_no_half_file(
    house: Database, daily: backups.Daily, folder: Path
) -> None:
    lay_out(folder)
    making = asyncio.create_task(daily.make_if_due(house))
    while not names(folder):
        assert not making.done()
        await asyncio.sleep(0.005)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert [name for name in names(folder) if not name.endswith(".tar")] == []


async def test_nobody_waits_for_it(house: Database, daily: backups.Daily) -> None:
    longest, making = 0.0, asyncio.create_task(daily.make_if_due(house))
    while not making.done():
        before = time.monotonic()
        await asyncio.sleep(0.001)
        longest = max(longest, time.monotonic() - before)
    await making
    assert longest < 0.5, "the event loop stood still"
