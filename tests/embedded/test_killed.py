"""Whatever is killed, with whatever it was doing: what was acknowledged is there, and no hand is needed."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from bookable import embedded
from tests.embedded.conftest import User, answers, keepers_of, note, notes, pid_of, processes_of, running, until


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def servers(data_dir: Path, said: list[str]) -> Iterator[embedded.Embedded]:
    with embedded.start(data_dir, durable=False) as servers:
        servers.watch(said.append)
        yield servers


def _kill(data_dir: Path, name: str, who: str = "pid") -> Callable[[], bool]:
    """Kill a server or its keeper; what comes back is the question whether another one stands in its place."""
    before = pid_of(data_dir, name, who)
    os.kill(before, signal.SIGKILL)
    return lambda: pid_of(data_dir, name, who) not in (0, before)


@contextmanager
def _long_query(address: str) -> Iterator[None]:
    """Somebody is in the middle of a long query meanwhile."""
    started = threading.Event()

    def ask() -> None:
        with suppress(psycopg.OperationalError), psycopg.connect(address) as db:
            started.set()
            db.execute("SELECT count(*) FROM generate_series(1, 2000000000)")

    asking = threading.Thread(target=ask)
    asking.start()
    assert started.wait(10)
    yield
    asking.join(30)
    assert not asking.is_alive(), "the long query outlived its server"


def test_a_killed_postgres_is_back_at_its_address(data_dir: Path, servers: embedded.Embedded, said: list[str]) -> None:
    note(servers, "acknowledged")
    replaced = _kill(data_dir, "postgres")
    assert until(replaced)
    assert notes(servers) == ["acknowledged"]
    assert until(lambda: any("postgres had died" in line for line in said))
    assert "starting it again" in servers.postgres.log.read_text()


def test_a_postgres_killed_in_the_middle_of_a_query_is_back(data_dir: Path, servers: embedded.Embedded) -> None:
    note(servers, "acknowledged")
    with _long_query(servers.database_url):
        replaced = _kill(data_dir, "postgres")
        assert until(replaced)
    assert notes(servers) == ["acknowledged"]


def test_a_killed_valkey_is_back_at_its_address(data_dir: Path, servers: embedded.Embedded, said: list[str]) -> None:
    replaced = _kill(data_dir, "valkey")
    assert until(replaced)
    assert answers(servers)
    assert until(lambda: any("valkey had died" in line for line in said))


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_killed_keeper_is_back_with_its_server(data_dir: Path, servers: embedded.Embedded, name: str) -> None:
    note(servers, "acknowledged")
    replaced = _kill(data_dir, name, "keeper")
    assert until(replaced)
    assert answers(servers)
    assert notes(servers) == ["acknowledged"]


def test_a_server_dies_with_its_keeper(data_dir: Path, join: Callable[..., User]) -> None:
    join()
    for name in ("postgres", "valkey"):
        _kill(data_dir, name, "keeper")
    assert until(lambda: not processes_of(data_dir))


def test_after_everything_was_killed_at_once_a_start_is_a_start(data_dir: Path, join: Callable[..., User]) -> None:
    user = join()
    note(user, "acknowledged")
    stale = data_dir / "postgres/data/postmaster.pid"
    for name in ("postgres", "valkey"):
        os.kill(pid_of(data_dir, name, "keeper"), signal.SIGSTOP)  # or it would tidy up
    for pid in processes_of(data_dir):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for name in ("postgres", "valkey"):
        os.kill(pid_of(data_dir, name, "keeper"), signal.SIGKILL)
    user.kill()
    assert until(lambda: not running(data_dir))
    assert stale.exists()
    stale.write_text(stale.read_text().replace(stale.read_text().split()[0], str(os.getpid()), 1))
    with embedded.start(data_dir, durable=False) as servers:
        assert answers(servers)
        assert notes(servers) == ["acknowledged"]


def test_a_query_that_outlived_its_postgres_is_ended_by_the_next_start(
    data_dir: Path, join: Callable[..., User]
) -> None:
    user = join()
    note(user, "acknowledged")
    with _long_query(user.database_url):
        os.kill(pid_of(data_dir, "postgres", "keeper"), signal.SIGKILL)
        os.kill(pid_of(data_dir, "postgres"), signal.SIGKILL)
        user.kill()
        with embedded.start(data_dir, durable=False) as servers:
            assert notes(servers) == ["acknowledged"]


def test_a_first_start_killed_half_way_is_started_over(new_data_dir: Path, join: Callable[..., User]) -> None:
    user = join(new_data_dir, wait=False)
    assert "first start" in user.hear()["say"]
    assert until((new_data_dir / "postgres/data.new/base").exists)
    user.kill()
    for keeper in keepers_of(new_data_dir):
        os.kill(keeper, signal.SIGKILL)
    with embedded.start(new_data_dir, durable=False) as servers:
        assert answers(servers)


def test_a_first_start_whose_user_was_killed_serves_the_next_one(new_data_dir: Path, join: Callable[..., User]) -> None:
    user = join(new_data_dir, wait=False)
    assert "first start" in user.hear()["say"]
    user.kill()
    with embedded.start(new_data_dir, durable=False) as servers:
        assert answers(servers)
