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
from typing import IO

from bookable.embedded.places import EmbeddedError

__all__ = ["Launcher", "launcher_for"]

_NOBODY = "nobody"
_PR_SET_PDEATHSIG, _PR_SET_SECUREBITS, _PR_CAP_AMBIENT, _AMBIENT_RAISE = 1, 28, 47, 2
_CAP_DAC_OVERRIDE, _CAPABILITY_VERSION_3, _NO_SETUID_FIXUP = 1, 0x20080522, 4
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Launcher:
    """How programs are started here: as who we are or, where we are root, as `nobody`.

    PostgreSQL refuses to run as root. Where `nobody` can't reach the files (a checkout below /root), it `passes`
    closed folders: of root's powers it keeps that one (CAP_DAC_OVERRIDE), which containers leave to root, too.
    """

    drop_to: pwd.struct_passwd | None = None
    passes: bool = False

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

    def _in_child(self, dies_with_us: signal.Signals | None) -> Callable[[], None]:
        parent = os.getpid()

        def prepare() -> None:
            if self.drop_to is not None:
                _become(self.drop_to, passing=self.passes)
            if dies_with_us is not None and sys.platform == "linux":
                _LIBC.prctl(_PR_SET_PDEATHSIG, int(dies_with_us))
                if os.getppid() != parent:
                    os._exit(1)

        return prepare


def launcher_for(*paths: Path) -> Launcher:
    """The way of starting programs that reaches these paths; `EmbeddedError` says what is in the way."""
    if os.geteuid() != 0:
        return Launcher()
    try:
        nobody = pwd.getpwnam(_NOBODY)
    except KeyError as error:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and there is no user {_NOBODY}: start as an ordinary user"
        ) from error
    for launcher in (Launcher(nobody), Launcher(nobody, passes=True)):
        if launcher.can_use(*paths):
            return launcher
    above = [each for path in paths for each in reversed([path, *path.parents])]
    closed = next((each for each in above if not each.stat().st_mode & 1), above[-1])
    raise EmbeddedError(
        f"PostgreSQL does not run as root, and the user {_NOBODY} can't reach {closed}: start as an ordinary "
        f"user, or chmod o+x {closed}, or move the checkout and DATA_DIR to an open place"
    )


def _become(user: pwd.struct_passwd, *, passing: bool) -> None:
    """Give up being root, all of it or all but passing closed folders (capabilities(7)).

    Without the fix-up bit, access(2) would deny what open(2) allows, and PostgreSQL not find its own programs.
    """
    if passing:
        _demand(_LIBC.prctl(_PR_SET_SECUREBITS, _NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    if passing:
        power = 1 << _CAP_DAC_OVERRIDE
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        effective_permitted_inheritable = (ctypes.c_uint32 * 6)(power, power, power, 0, 0, 0)
        _demand(_LIBC.capset(header, effective_permitted_inheritable))
        _demand(_LIBC.prctl(_PR_CAP_AMBIENT, _AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0))


def _demand(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), "this power is not ours to keep")
