"""The plan of the house, held against the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "bookable"
FILES = sorted(SOURCE.rglob("*.py"))


def modules_imported(path: Path) -> Iterator[str]:
    """Absolute names of the modules that a file imports, relative ones resolved."""
    package = ["bookable", *path.relative_to(SOURCE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            yield ".".join([*base, *([node.module] if node.module else [])])


def named(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_domain_module_is_entered_by_its_front_door(path: Path) -> None:
    """Adapters may go to `ports` directly: it is the door made for them."""
    if path.name == "schema.py":
        pytest.skip("the one place that gathers every table")
    home = path.relative_to(SOURCE).parts[:2]
    for module in modules_imported(path):
        parts = module.split(".")
        if parts[:2] == ["bookable", "domain"] and len(parts) > 3 and parts[3] != "ports":
            assert home == ("domain", parts[2]), f"{named(path)} reaches into {module}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_sql_is_in_tables_and_queries_only(path: Path) -> None:
    allowed = (
        "queries" in str(path.relative_to(SOURCE))
        or path.name == "tables.py"
        or path.is_relative_to(SOURCE / "kernel" / "db")
        or path.name == "migrate.py"
    )
    if not allowed:
        assert not any(m.split(".")[0] == "sqlalchemy" for m in modules_imported(path)), named(path)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_domain_and_kernel_know_no_http(path: Path) -> None:
    if path.relative_to(SOURCE).parts[0] in ("domain", "kernel"):
        assert not {m.split(".")[0] for m in modules_imported(path)} & {"fastapi", "starlette", "httpx", "uvicorn"}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_time_comes_from_the_clock(path: Path) -> None:
    if named(path) == "kernel/clock.py" or path.is_relative_to(SOURCE / "embedded"):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("now", "utcnow", "today")
            and isinstance(node.value, ast.Name)
        ):
            assert node.value.id not in ("datetime", "date"), f"{named(path)}:{node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_only_the_database_commits(path: Path) -> None:
    if path.is_relative_to(SOURCE / "kernel" / "db"):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert node.value.strip(" ;") not in ("COMMIT", "BEGIN", "ROLLBACK"), named(path)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_room_is_too_full(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300, f"{named(path)}: split it by use case"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_module_introduces_itself(path: Path) -> None:
    if path.read_text().strip():
        assert ast.get_docstring(ast.parse(path.read_text())), named(path)
