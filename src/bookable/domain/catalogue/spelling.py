"""Forgiving typos: which words may have been meant, given the words that there are."""

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["fold", "meant", "words_in"]

_WORD = re.compile(r"[^\W_]{2,40}")


def fold(text: str) -> str:
    """Without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words_in(*texts: str | None) -> list[str]:
    """The different words of some texts, folded and sorted."""
    return sorted({w for text in texts if text for w in _WORD.findall(fold(text))})


def meant(typed: str, known: Iterable[str]) -> list[str]:
    """Of the `known` words those that `typed` was to be: itself; else those fewest slips away and those it begins.

    One slip is forgiven in words of 3 to 5 letters, two in longer ones.
    """
    candidates = list(known)
    if typed in candidates:
        return [typed]
    allowed = 0 if len(typed) < 3 else 1 if len(typed) <= 5 else 2
    slips = {word: _slips(typed, word, allowed) for word in candidates}
    fewest = min(slips.values(), default=allowed + 1)
    near = [word for word, n in slips.items() if n == fewest <= allowed]
    begun = [word for word in candidates if word.startswith(typed) and word not in near]
    return (near + begun)[:8]


def _slips(a: str, b: str, most: int) -> int:
    """Optimal string alignment distance: letters wrong, missing, too many, or two swapped; above `most`, most + 1."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return min(last[-1], most + 1)
