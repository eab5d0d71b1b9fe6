"""Whatever is sent, by whomever: no 5xx, nothing undocumented, every answer of its documented shape (FZ-1).

Schemathesis reads the OpenAPI document of a real server and asks it. `BOOKABLE_FUZZ_EXAMPLES` asks for more examples of
each operation, `BOOKABLE_FUZZ_SEED` for the run that failed.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bookable.wiring import storefronts

from .conftest import WORLDS
from .worlds import Ids, World

EXAMPLES = os.environ.get("BOOKABLE_FUZZ_EXAMPLES", "8")
SEED = os.environ.get("BOOKABLE_FUZZ_SEED") or str(random.randrange(1, 2**32))
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
HERE = Path(__file__).parent
PROGRAM = Path(sys.executable).with_name("schemathesis")
EACH = pytest.mark.parametrize("world", WORLDS, indirect=True, ids=lambda kind: kind.kind)


def fuzz(world: World, folder: Path, headers: dict[str, str], ids: Ids) -> None:
    """One run of Schemathesis; fails with its report."""
    for name in ("hooks.py", "schemathesis.toml"):
        shutil.copy(HERE / name, folder)
    command = [str(PROGRAM), "run", world.document]
    command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", EXAMPLES, "--seed", SEED]
    command += [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
    if "Authorization" in headers:
        command += [word for path in world.ends_the_session for word in ("--exclude-path", path)]
    environment = {**os.environ, "BOOKABLE_FUZZ_IDS": json.dumps(ids)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    print(f"BOOKABLE_FUZZ_SEED={SEED}", *done.stdout.splitlines()[-8:], sep="\n")
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


def test_every_storefront_is_fuzzed() -> None:
    assert {world.kind for world in WORLDS} == storefronts().keys()


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("world", "role"),
    [pytest.param(kind, role, id=f"{kind.kind}-{role}") for kind in WORLDS for role in kind.roles],
    indirect=["world"],
)
def test_no_request_of_somebody_signed_in_surprises_us(world: World, tmp_path: Path, role: str) -> None:
    token = world.signed_in(role)
    fuzz(world, tmp_path, {"Authorization": f"Bearer {token}"}, world.ids(token))


@pytest.mark.timeout(900)
@EACH
def test_no_request_of_a_stranger_surprises_us(world: World, tmp_path: Path) -> None:
    fuzz(world, tmp_path, world.stranger_headers(), world.ids(world.signed_in("user")))
