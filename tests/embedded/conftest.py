"""What the tests of the embedded servers share: DATA_DIRs, other processes that use them, and a look at both."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

from bookable.embedded import Embedded
from bookable.embedded.launch import Launcher
from bookable.embedded.places import Place
from bookable.embedded.processes import tagged

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {"PYTHONPATH": f"{ROOT}/src:{ROOT}:{sysconfig.get_path('purelib')}"}
PYTHONS = (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")  # ours may lie where only root comes


@dataclass
class User:
    """Another process that uses the servers of a DATA_DIR."""

    process: subprocess.Popen[bytes]
    database_url: str = ""
    redis_url: str = ""
    error: str = ""

    def hear(self) -> dict[str, str]:
        assert self.process.stdout is not None
        heard: dict[str, str] = json.loads(self.process.stdout.readline() or "{}")
        return heard

    def wait_until_ready(self) -> "User":
        while "say" in (heard := self.hear()):
            pass
        self.__dict__.update(heard)
        return self

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)


@pytest.fixture
def new_data_dir() -> Iterator[Path]:
    """A DATA_DIR where nothing was ever started; any user may enter it."""
    with _open_folder() as path:
        yield path


@pytest.fixture(scope="session")
def _made_data_dir() -> Iterator[Path]:
    with _open_folder() as path:
        yield path


@pytest.fixture
def data_dir(_made_data_dir: Path) -> Iterator[Path]:
    """A DATA_DIR in which other tests may have started before, so that it need not be made each time."""
    yield _made_data_dir
    assert until(lambda: not running(_made_data_dir), wait=10), "the servers did not end with their last user"


@contextmanager
def _open_folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="bookable-"))
    path.chmod(0o755)
    yield path
    ended = until(lambda: not running(path), wait=10)
    for pid in processes_of(path):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(path)
    assert ended, "the servers did not end with their last user"


@pytest.fixture
def join(data_dir: Path) -> Iterator[Callable[..., User]]:
    """Start another process that uses the servers, unless told otherwise those of `data_dir`."""
    users: list[User] = []

    def start(place: Path = data_dir, *, wait: bool = True) -> User:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.embedded.user", str(place)],
            cwd=ROOT,
            env=os.environ | ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        users.append(User(process))
        return users[-1].wait_until_ready() if wait else users[-1]

    yield start
    for user in users:
        user.kill()


def as_other(launcher: Launcher, data_dir: Path) -> User:
    """The same, as another user of the machine."""
    environment = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    process = launcher.start(
        ["env", *environment, python_for(launcher), "-m", "tests.embedded.user", data_dir],
        cwd=ROOT,
        output=subprocess.PIPE,
    )
    return User(process).wait_until_ready()


def python_for(launcher: Launcher) -> str:
    """A Python of our version that it may run."""
    for python in PYTHONS:
        if launcher.can_use(Path(python), ROOT):
            return python
    pytest.skip("no Python of this version can be run by others")


def processes_of(data_dir: Path) -> list[int]:
    """The servers' own processes, their keepers left out."""
    return [pid for name in ("postgres", "valkey") for pid in tagged(Place(data_dir, name).tag)]


def keepers_of(data_dir: Path) -> list[int]:
    """The processes that keep them."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"bookable.embedded" in words and bytes(data_dir) in words:
                found.append(int(process.name))
    return found


def running(data_dir: Path) -> bool:
    """Whether anything of this DATA_DIR still runs."""
    return bool(processes_of(data_dir) or keepers_of(data_dir))


def pid_of(data_dir: Path, name: str, who: str = "pid") -> int:
    pid: int = Place(data_dir, name).state[who]
    return pid


def until(true: Callable[[], bool], *, wait: float = 15) -> bool:
    """Whether it came true within `wait` seconds."""
    end = time.monotonic() + wait
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def note(servers: Embedded | User, what: str) -> None:
    """Write something down in the database, on a fresh page."""
    with psycopg.connect(servers.database_url) as db:
        db.execute("DROP TABLE IF EXISTS notes")
        db.execute("CREATE TABLE notes (what text)")
        db.execute("INSERT INTO notes VALUES (%s)", [what])


def notes(servers: Embedded | User) -> list[str]:
    """All that was written down."""
    with psycopg.connect(servers.database_url) as db:
        return [str(row[0]) for row in db.execute("SELECT what FROM notes ORDER BY what")]


def answers(servers: Embedded | User) -> bool:
    """Whether both servers take connections at their addresses."""
    try:
        with psycopg.connect(servers.database_url, connect_timeout=2) as db, redis.from_url(servers.redis_url) as cache:
            return db.execute("SELECT 1").fetchone() == (1,) and bool(cache.ping())
    except (psycopg.OperationalError, redis.RedisError):
        return False
