"""What the papers tell a newcomer to paste works when it is pasted."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .programs import Program, Server

ROOT = Path(__file__).parents[2]
JOURNEY = re.compile(r"^## Try it\n.*?^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SEEN = {
    "README.md": r'\Aconfirmed\n\{.*"status": "confirmed"',
    "docs/storefronts/travel.md": r"\A(awaiting_confirmation|confirmed)\n[A-Z0-9]{6}\n%PDF-\n\Z",
    "docs/storefronts/movies.md": r'\A\{"imported":2,"failed":1,.*\n2\n.*"title":"Metropolis".*"movie":\{.*\n200\n\Z',
}


@pytest.fixture
def demo(serving: Callable[..., Server], own_url: str, redis_url: str, tmp_path: Path) -> Server:
    """A server with the demo data that `make run` begins with."""
    addresses = {"database_url": own_url, "redis_url": redis_url, "data_dir": tmp_path / "data"}
    seeding = Program("seed", log=tmp_path / "seed.log", **addresses)
    assert seeding.run() == 0, seeding.log
    server = serving()
    server.start_and_wait()
    return server


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here, with which the papers ask")
def test_every_journey_works_when_it_is_pasted(demo: Server, tmp_path: Path) -> None:
    for paper, seen in SEEN.items():
        found = JOURNEY.search((ROOT / paper).read_text())
        assert found, f"{paper} has no journey"
        assert "127.0.0.1:8000" in found[1]
        # A machine that runs a whole suite has less time for the airline than a newcomer's.
        script = found[1].replace("http://127.0.0.1:8000", demo.address).replace("sleep 2 ", "sleep 8 ")
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert re.search(seen, done.stdout, re.DOTALL), f"{paper}\n{done.stdout}\n{done.stderr}"
