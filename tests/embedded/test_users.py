"""A server belongs to its DATA_DIR: the first user starts it, later ones join it, the last one's end is its end."""

import os
import pwd
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from bookable import embedded
from bookable.embedded.launch import Launcher
from tests.embedded.conftest import User, answers, as_other, note, notes, pid_of, running, until

only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become others")


def test_one_who_joins_does_not_stop_what_others_use(data_dir: Path, join: Callable[..., User]) -> None:
    with embedded.start(data_dir, durable=False) as servers:
        joined = join()
        assert joined.database_url == servers.database_url
        joined.leave()
        assert answers(servers)
    assert not running(data_dir)


def test_the_one_who_started_may_leave_first(data_dir: Path, join: Callable[..., User]) -> None:
    first = join()
    with embedded.start(data_dir, durable=False) as servers:
        first.leave()
        assert answers(servers)
    assert not running(data_dir)


def test_those_who_come_at_the_same_time_share_one_server(data_dir: Path, join: Callable[..., User]) -> None:
    users = [join(wait=False) for _ in range(4)]
    addresses = {user.wait_until_ready().database_url for user in users}
    assert len(addresses) == 1
    assert answers(users[0])


def test_one_who_comes_while_the_last_one_leaves_is_served(data_dir: Path, join: Callable[..., User]) -> None:
    leaving = embedded.start(data_dir, durable=False)
    note(leaving, "kept")
    coming = join(wait=False)
    leaving.stop()
    assert notes(coming.wait_until_ready()) == ["kept"]


def test_a_killed_user_leaves_nothing_running(data_dir: Path, join: Callable[..., User]) -> None:
    user = join()
    note(user, "kept")
    user.kill()
    assert until(lambda: not running(data_dir))
    with embedded.start(data_dir, durable=False) as servers:
        assert notes(servers) == ["kept"]


def test_ctrl_c_in_a_terminal_reaches_the_user_and_not_the_servers(data_dir: Path, join: Callable[..., User]) -> None:
    user = join()
    os.killpg(user.process.pid, signal.SIGINT)
    assert user.hear() == {"heard": "interrupt"}
    assert answers(user)
    user.leave()
    assert not running(data_dir)


def test_stopping_twice_is_stopping_once(data_dir: Path) -> None:
    servers = embedded.start(data_dir, durable=False)
    servers.stop()
    servers.stop()
    assert not running(data_dir)


@only_as_root
def test_as_root_the_servers_run_without_its_powers(data_dir: Path) -> None:
    with embedded.start(data_dir, durable=False):
        powers = {name: _powers(pid_of(data_dir, name)) for name in ("postgres", "valkey")}
    nobody = pwd.getpwnam("nobody").pw_uid
    assert powers == {"postgres": (nobody, 0), "valkey": (nobody, 0)}


@only_as_root
def test_as_root_a_closed_folder_above_is_passed_and_that_is_all(new_data_dir: Path) -> None:
    closed = new_data_dir / "closed"
    closed.mkdir(mode=0o700)
    with embedded.start(closed / "data", durable=False) as servers:
        pass_folders = 1 << 1
        assert _powers(pid_of(closed / "data", "postgres")) == (pwd.getpwnam("nobody").pw_uid, pass_folders)
        assert answers(servers)


@only_as_root
def test_an_ordinary_user_needs_no_root(new_data_dir: Path) -> None:
    user = as_other(_somebody(), _folder_of_somebody(new_data_dir))
    assert answers(user), user.error
    assert pid_of(new_data_dir / "theirs", "postgres") != 0
    user.leave()
    assert until(lambda: not running(new_data_dir / "theirs"))


@only_as_root
def test_a_data_dir_of_root_is_refused_to_others_in_one_line(data_dir: Path) -> None:
    with embedded.start(data_dir, durable=False):
        pass
    stranger = as_other(_somebody(), data_dir)
    assert "can't be written" in stranger.error


@only_as_root
def test_what_was_made_as_another_user_is_taken_over_by_root(new_data_dir: Path) -> None:
    theirs = _folder_of_somebody(new_data_dir)
    user = as_other(_somebody(), theirs)
    note(user, "kept")
    user.leave()
    with embedded.start(theirs, durable=False) as servers:
        assert notes(servers) == ["kept"]


def test_an_address_of_a_server_that_ended_is_dead(data_dir: Path) -> None:
    with embedded.start(data_dir, durable=False) as servers:
        address = servers.database_url
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)


def _powers(pid: int) -> tuple[int, int]:
    """The user that a process runs as, and the powers of root it has."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["Uid"].split()[1]), int(status["CapEff"], 16)


def _somebody() -> Launcher:
    """An ordinary user of this machine."""
    return Launcher(pwd.getpwnam("daemon"))


def _folder_of_somebody(data_dir: Path) -> Path:
    path = data_dir / "theirs"
    path.mkdir()
    os.chown(path, pwd.getpwnam("daemon").pw_uid, -1)
    return path
