"""The words that listings are found by, near a misspelt one."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from bookable.kernel.db import Record, query

from ..tables import search_words
from .columns import tenant

__all__ = ["Near", "near"]


class Near(Record, frozen=True):
    """A word that was typed, and one that is written like it."""

    typed: str
    word: str


_typed = sa.func.unnest(sa.bindparam("words", type_=ARRAY(sa.Text))).table_valued("word", name="typed").render_derived()
_nearest = (
    sa.select(search_words.c.word)
    .where(search_words.c.tenant_id == tenant)
    .order_by(search_words.c.word.op("<->")(_typed.c.word))
    .limit(24)
    .lateral("nearest")
)
near = query(
    sa.select(_typed.c.word.label("typed"), _nearest.c.word.label("word")).select_from(
        _typed.join(_nearest, sa.true())
    ),
    Near,
)
"""The 24 nearest of each by shared trigrams, walked in that order along `ix_search_words_near`."""
