"""PostgreSQL in DATA_DIR: made once, password-only, loopback only, stopped by a fast shutdown."""

import locale
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bookable.embedded.launch import Launcher, launcher_for
from bookable.embedded.places import EmbeddedError, Place, binary_of_postgres

__all__ = ["DATABASE", "USER", "Postgres"]

USER = DATABASE = "bookable"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%a ",
    "log_statement": "none",
}
# Survives the death of any process, but not of the machine; synchronous_commit=off would not even do the former.
_CARELESS = {"fsync": "off", "full_page_writes": "off"}
_BORN_WITH = (
    "--auth=trust",  # until pg_hba.conf is written, with nobody connected
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--text-search-config=english",
    "--no-instructions",
)
_ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True)
class Postgres:
    """One cluster; not `durable` trades safety against a power cut for speed (tests)."""

    place: Place
    durable: bool = True
    title: str = "PostgreSQL"
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)

    @cached_property
    def launcher(self) -> Launcher:
        return launcher_for(binary_of_postgres("postgres"), self.place.data_dir)

    @property
    def cluster(self) -> Path:
        return self.place.home / "data"

    def prepare(self, say: Callable[[str], None]) -> None:
        """Make the cluster when there is none, and see that its password is the one we know."""
        self.launcher.make_folder(self.place.home)
        password, fresh = self.place.secret()
        if not self.cluster.exists():
            say(f"Making a PostgreSQL database in {self.place.home} (first start only)")
            self._make(password)
        elif fresh:
            self._alone(self.cluster, f"ALTER ROLE {USER} PASSWORD '{password}';\n")
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def command(self, port: int) -> list[str | Path]:
        """What is run; the tag goes into the title of every one of its processes."""
        settings = _SETTINGS | ({} if self.durable else _CARELESS)
        settings |= {"port": str(port), "cluster_name": self.place.tag}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [binary_of_postgres("postgres"), "-D", self.cluster, *options]

    def told(self, port: int) -> str:
        """What is written to its input: nothing."""
        return ""

    def ready(self, port: int, pid: int) -> bool:
        """Whether this very process says in its pid file that it takes connections."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _make(self, password: str) -> None:
        """Made beside its place and moved there when whole: a start that is killed half-way leaves nothing."""
        fresh = self.place.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        careful = [] if self.durable else ["--no-sync"]
        self._must([binary_of_postgres("initdb"), "-D", fresh, "-U", USER, *_BORN_WITH, *_letters(), *careful])
        self._alone(fresh, f"ALTER ROLE {USER} PASSWORD '{password}';\nCREATE DATABASE {DATABASE};\n")
        (fresh / "pg_hba.conf").write_text(_ACCESS)
        fresh.rename(self.cluster)

    def _alone(self, cluster: Path, statements: str) -> None:
        """Run statements with no server up, one a line; nobody else can be connected."""
        options = ["-c", "log_min_messages=error", *([] if self.durable else ["-F"])]
        self._must([binary_of_postgres("postgres"), "--single", "-D", cluster, *options, "postgres"], statements)

    def _must(self, command: list[str | Path], given: str = "") -> None:
        code, printed = self.launcher.run(command, cwd=self.place.home, given=given)
        if code != 0 or "ERROR:" in printed or "FATAL:" in printed:
            last = next((line for line in reversed(printed.splitlines()) if line.strip()), "no message")
            raise EmbeddedError(f"PostgreSQL could not be prepared: {last} (exit {code})")


def _letters() -> tuple[str, ...]:
    """What extensions take for letters: in plain C, pg_trgm would drop an `É`."""
    present = locale.setlocale(locale.LC_CTYPE)
    try:
        return (f"--lc-ctype={locale.setlocale(locale.LC_CTYPE, 'C.UTF-8')}",)
    except locale.Error:
        return ()
    finally:
        locale.setlocale(locale.LC_CTYPE, present)
