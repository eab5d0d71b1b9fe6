"""A server as its users see it: an address, a promise that it is kept up, and an end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from bookable.embedded.joining import Membership
from bookable.embedded.places import Place
from bookable.embedded.postgres import DATABASE, USER

__all__ = ["Embedded", "Running", "Say", "start", "start_postgres", "start_valkey"]

Say = Callable[[str], None]


def _quiet(text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Running:
    """One server that is up and stays up until `stop`."""

    url: str
    membership: Membership

    @property
    def port(self) -> int:
        """Where on loopback it listens; the same for as long as somebody uses it."""
        return self.membership.port

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.membership.place.log

    def stop(self) -> None:
        """Need it no more: its last user waits for its orderly end, any other one leaves at once."""
        self.membership.leave()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


@dataclass(frozen=True)
class Embedded:
    """Both servers; a context manager that stops them at its end."""

    postgres: Running
    valkey: Running

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        return self.valkey.url

    @property
    def admin_url(self) -> str:
        """The superuser in the database `postgres`, from which others can be created and dropped."""
        return self.postgres.url.removesuffix(f"/{DATABASE}") + "/postgres"

    def watch(self, say: Say) -> None:
        """From now on say when a server had died and is up again; also bring back a keeper that was killed."""
        self.postgres.membership.watch(say)
        self.valkey.membership.watch(say)

    def stop(self) -> None:
        """Stop both; safe to say twice."""
        self.valkey.stop()
        self.postgres.stop()

    def __enter__(self) -> "Embedded":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def start(data_dir: Path, *, durable: bool = True, say: Say = _quiet) -> Embedded:
    """Both servers of this DATA_DIR, started or joined; raises `EmbeddedError` with one line that helps."""
    with ThreadPoolExecutor(2) as both:
        postgres = both.submit(start_postgres, data_dir, durable=durable, say=say)
        valkey = both.submit(start_valkey, data_dir, durable=durable, say=say)
    for one, other in ((postgres, valkey), (valkey, postgres)):
        if one.exception() and not other.exception():
            other.result().stop()
    return Embedded(postgres.result(), valkey.result())


def start_postgres(data_dir: Path, *, durable: bool = True, say: Say = _quiet) -> Running:
    """PostgreSQL of this DATA_DIR with the superuser and the database `bookable`."""
    joined = Membership.join(Place.prepared(data_dir, "postgres"), durable=durable, say=say)
    return Running(f"postgresql://{USER}:{joined.password}@127.0.0.1:{joined.port}/{DATABASE}", joined)


def start_valkey(data_dir: Path, *, durable: bool = True, say: Say = _quiet) -> Running:
    """Valkey of this DATA_DIR."""
    joined = Membership.join(Place.prepared(data_dir, "valkey"), durable=durable, say=say)
    return Running(f"redis://:{joined.password}@127.0.0.1:{joined.port}/0", joined)
