"""A program of ours runs as an ordinary user, in its own session, and not longer than whoever started it."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bookable.embedded.places import EmbeddedError

__all__ = ["Launcher", "launcher_for"]

_NOBODY = "nobody"
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Launcher:
    """How programs are started here: as we are, as `nobody`, or as `nobody` of a namespace of their own.

    PostgreSQL refuses to run as root. Dropping to `nobody` is the plain way; where that user can't reach the
    files (a checkout below /root), a user namespace shows root's own files as `nobody`'s instead.
    """

    drop_to: pwd.struct_passwd | None = None
    rename_to: int | None = None

    def start(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path,
        output: IO[bytes] | int,
        dies_with_us: signal.Signals | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start it with a pipe on its input; with `dies_with_us`, the kernel sends that signal when we die."""
        return subprocess.Popen(  # noqa: S603 - the words are our own, no shell reads them
            [str(word) for word in command],
            cwd=cwd,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=self._in_child(dies_with_us),
            **self._identity(),
        )

    def run(self, command: Sequence[str | Path], *, cwd: Path, given: str = "") -> tuple[int, str]:
        """Run it to its end: its exit code and all that it printed."""
        process = self.start(command, cwd=cwd, output=subprocess.PIPE, dies_with_us=signal.SIGKILL)
        printed, _ = process.communicate(given.encode())
        return process.returncode, printed.decode(errors="replace")

    def make_folder(self, path: Path) -> None:
        """A private folder of the user that programs run as; one that was another's is handed over whole."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = self.drop_to.pw_uid if self.drop_to else os.geteuid()
        if path.stat().st_uid == owner:
            return
        if os.geteuid() != 0:
            raise EmbeddedError(f"{path} belongs to another user (an earlier start as root?): choose another DATA_DIR")
        group = self.drop_to.pw_gid if self.drop_to else os.getegid()
        for each in (path, *path.rglob("*")):
            os.chown(each, owner, group, follow_symlinks=False)

    def can_use(self, *paths: Path) -> bool:
        """Whether a program started this way reaches and may execute or enter all of these."""
        tests = [word for path in paths for word in ("-a", "-x", path)][1:]
        try:
            code, _ = self.run(["test", *tests], cwd=Path("/"))
        except (OSError, subprocess.SubprocessError):
            return False
        return code == 0

    def _identity(self) -> dict[str, Any]:
        if self.drop_to is None:
            return {}
        return {"user": self.drop_to.pw_uid, "group": self.drop_to.pw_gid, "extra_groups": []}

    def _in_child(self, dies_with_us: signal.Signals | None) -> Callable[[], None]:
        parent, user, group = os.getpid(), os.geteuid(), os.getegid()

        def prepare() -> None:
            if self.rename_to is not None:
                _enter_namespace(user, group, self.rename_to)
            if dies_with_us is not None and sys.platform == "linux":
                _LIBC.prctl(_PR_SET_PDEATHSIG, int(dies_with_us))
                if os.getppid() != parent:
                    os._exit(1)

        return prepare


def launcher_for(*paths: Path) -> Launcher:
    """The way of starting programs that works for these paths; `EmbeddedError` says what is in the way."""
    if os.geteuid() != 0:
        return Launcher() if _has_name(os.geteuid()) else _renamed(paths)
    try:
        dropping = Launcher(drop_to=pwd.getpwnam(_NOBODY))
    except KeyError:
        return _renamed(paths)
    return dropping if dropping.can_use(*paths) else _renamed(paths)


def _renamed(paths: Sequence[Path]) -> Launcher:
    renaming = Launcher(rename_to=65534)
    if renaming.can_use(*paths):
        return renaming
    closed = next((p for path in paths for p in reversed([path, *path.parents]) if not p.stat().st_mode & 1), paths[0])
    raise EmbeddedError(
        f"PostgreSQL does not run as root, and the user {_NOBODY} can't reach {closed}: "
        f"run as an ordinary user, or chmod o+x {closed}, or move the checkout and DATA_DIR to an open place"
    )


def _has_name(user: int) -> bool:
    try:
        return bool(pwd.getpwuid(user))
    except KeyError:
        return False


def _enter_namespace(user: int, group: int, shown: int) -> None:
    """See ourselves as `shown`, while the files keep taking us for who we are (user_namespaces(7))."""
    if _LIBC.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{shown} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{shown} {group} 1")
