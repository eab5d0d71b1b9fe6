"""`python -m tests.sabotage [WORD …]`: the acts whose names have these words, or all; exits 1 when one went unnoticed.

Each is done in a copy of the project, whose tests then run against that copy. First they run with nothing made wrong:
tests that are red anyway would notice nothing. Tests that don't come to an end have noticed something.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .acts import ACTS, Act

ROOT = Path(__file__).parents[2]
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".data", "build", "*.egg-info", "__pycache__", ".*_cache", "out")
_MINUTES = 10


def main(words: list[str]) -> int:
    """Do the acts; says of each whether it was noticed."""
    chosen = [act for act in ACTS if all(word in act.name for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "bookable"
        shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
        sound = {tests: green(copy, tests) for tests in dict.fromkeys(act.tests for act in chosen)}
        caught = sum(sound[act.tests] and noticed(copy, act) for act in chosen)
    for tests in (tests for tests, are_green in sound.items() if not are_green):
        print(f"Red before anything was made wrong: {' '.join(tests)}")
    print(f"{caught} of {len(chosen)} noticed.")
    return 0 if caught == len(chosen) else 1


def noticed(copy: Path, act: Act) -> bool:
    """Whether a test goes red when this is made wrong."""
    file, began = copy / act.file, time.monotonic()
    text = file.read_text()
    file.write_text(done(act, text))
    try:
        red = not green(copy, act.tests)
    finally:
        file.write_text(text)
    print(f"{'noticed' if red else 'UNNOTICED':>9}  {time.monotonic() - began:5.0f} s  {act.name}", flush=True)
    return red


def done(act: Act, text: str) -> str:
    """The file with the act done. Raises ValueError where it is not there to be done, or not once."""
    if text.count(act.honest) != 1:
        raise ValueError(f"{act.name}: the line to be made wrong stands {text.count(act.honest)} times in {act.file}")
    return text.replace(act.honest, act.wrong)


def green(copy: Path, tests: Sequence[str]) -> bool:
    """Whether all of the tests pass in the copy, up to the first that doesn't."""
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=_MINUTES * 60)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
