"""A letter before it is dressed: what it says, in order, with at most one thing to press."""

from dataclasses import dataclass

__all__ = ["Button", "Letter"]


@dataclass(frozen=True, slots=True)
class Button:
    """The one thing to do about a letter."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain sentences; rendering escapes them. `facts` are pairs of label and value."""

    heading: str
    greeting: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    button: Button | None = None
    closing: tuple[str, ...] = ()
