"""The worker's timetable makes the day's backup, and the metrics say when."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from bookable.backups.archive import verified
from tests.processes.programs import Server

_METRIC = re.compile(r"^bookable_backup_last_success_timestamp_seconds (\S+)$", re.MULTILINE)


def told(server: Server) -> float:
    found = _METRIC.search(httpx.get(f"{server.address}/metrics").text)
    return float(found[1]) if found else -1.0


def test_a_worker_that_starts_makes_the_days_backup_and_says_so(serving: Callable[..., Server], tmp_path: Path) -> None:
    folder, began = tmp_path / "backups", time.time()
    server = serving(backup_dir=folder)
    server.start_and_wait()
    while told(server) < began - 1:
        assert time.time() < began + 60, server.log[-4000:]
        time.sleep(0.2)
    [made] = list(folder.iterdir())
    assert re.fullmatch(r"bookable-daily-\d{4}-\d\d-\d\d\.tar", made.name)
    assert verified(made).pictures
    assert "backup_made" in server.log
