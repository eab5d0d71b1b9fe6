"""Letters dressed for a mail program: one column, readable in a phone, in light and in dark; and the same as text."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

from ..ports import one_line
from ..records import Site
from .letter import Letter

__all__ = ["as_html", "as_text"]


@cache
def _template(name: str) -> "Template":
    """People's words are values in here, never part of a template."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape  # only who writes letters pays

    words = Environment(
        loader=PackageLoader("bookable.domain.notifications", "templates"),
        autoescape=select_autoescape(["html.j2"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    words.filters["one_line"] = one_line
    return words.get_template(name)


def as_html(letter: Letter, site: Site, subject: str) -> str:
    """The letter as a page of its own: inline styles, no pictures, nothing loaded from anywhere."""
    return _template("letter.html.j2").render(letter=letter, site=site, subject=subject)


def as_text(letter: Letter, site: Site) -> str:
    """The letter as plain text, with the same words and the same link."""
    return _template("letter.txt.j2").render(letter=letter, site=site)
