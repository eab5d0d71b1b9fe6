"""`make check`: the papers say what the code does: every operation has its row, every setting its line."""

import re
import sys
from pathlib import Path

from bookable.settings import Settings
from bookable.storefronts.kit import Storefront
from bookable.wiring import storefronts

ROOT = Path(__file__).resolve().parents[1]
_ROW = re.compile(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)[^`]*` \| ([^|]+) \|", re.MULTILINE)


def operations(storefront: Storefront) -> dict[tuple[str, str], str]:
    """(method, path) → who may call, as the code has it."""
    return {
        (o.method, re.sub(r"{[^}]+}", "{}", o.path)): ",".join(sorted(o.roles)) or o.access.value
        for o in (route.operation for route in storefront.routes)
    }


def rows(text: str) -> dict[tuple[str, str], str]:
    """(method, path) → who may call, as the paper has it."""
    return {(m, re.sub(r"{[^}]+}", "{}", p)): who.strip() for m, p, who in _ROW.findall(text)}


def storefront_problems(storefront: Storefront) -> list[str]:
    """What the storefront's paper lacks, has too much, or says differently."""
    path = ROOT / "docs" / "storefronts" / f"{storefront.kind}.md"
    if not path.exists():
        return [f"{path.name} is missing"]
    there, written = operations(storefront), rows(path.read_text())
    problems = [f"{path.name} lacks {m} {p}" for m, p in there.keys() - written.keys()]
    problems += [f"{path.name} has {m} {p}, the code does not" for m, p in written.keys() - there.keys()]
    problems += [
        f"{path.name}: {m} {p} is for {there[m, p]}, not for {written[m, p]}"
        for m, p in there.keys() & written.keys()
        if there[m, p] != written[m, p]
    ]
    return sorted(problems)


def setting_problems() -> list[str]:
    """Settings without a line in .env.example, and lines without a setting."""
    written = set(re.findall(r"^# ([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    there = {name.upper() for name in Settings.model_fields}
    return sorted(
        [f".env.example lacks {name}" for name in there - written]
        + [f".env.example has {name}, the code does not" for name in written - there]
    )


def link_problems() -> list[str]:
    """Relative links in the papers that lead nowhere."""
    found = []
    for paper in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", paper.read_text()):
            if not (paper.parent / target).exists():
                found.append(f"{paper.relative_to(ROOT)} leads to {target}, which is not there")
    return found


def main() -> int:
    """Exit 1 and say what differs, or exit 0 in silence."""
    problems = [p for s in storefronts().values() for p in storefront_problems(s)]
    problems += setting_problems() + link_problems()
    for line in problems:
        print(line, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
