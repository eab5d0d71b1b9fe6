"""Documents: read, checked against the schema and the limits, and kept under their hash for those who send only that.

Persisted queries are Apollo's automatic ones: `extensions.persistedQuery = {version: 1, sha256Hash}` with the text
the first time and without it from then on. What is kept here is bounded, lives in the process, and was sent by
somebody signed in; what one process lacks, the operation looks for where all of them keep it, and else says so.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from .errors import NoSuchDocument, Refused, TooLong, Unreadable
from .limits import allow

__all__ = ["MAX_LENGTH", "MAX_TOKENS", "Document", "Documents"]

MAX_LENGTH: Final = 10_000
MAX_TOKENS: Final = 1_000
_MAX_ERRORS: Final = 10
_KEPT: Final = 250_000
"""Characters of text in all; as trees they take some 170 bytes each."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text that stands against the schema; what it costs depends on the variables, and is asked for each call."""

    node: DocumentNode
    length: int

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The one to run; raises `Refused` when the name leaves it open."""
        there = [d for d in self.node.definitions if isinstance(d, OperationDefinitionNode)]
        found = [o for o in there if name is None or (o.name and o.name.value == name)]
        if len(found) != 1:
            raise Refused("Say in operationName which operation of the document to run.")
        return found[0]


class Documents:
    """The documents that one schema answers. `hints` says whether refusals may name what the schema has."""

    def __init__(self, schema: GraphQLSchema, *, hints: bool, kept: int = _KEPT) -> None:
        self.schema = schema
        self._hints = hints
        self._room = kept
        self._kept: OrderedDict[str, Document] = OrderedDict()

    def find(self, text: str | None, digest: str | None, *, keep: bool) -> Document:
        """By text, by hash, or by both, which must agree. Raises `NoSuchDocument`, `Refused`, `Unreadable`, `TooLong`.

        It is kept for later only with `keep`.
        """
        if text is None:
            if digest is None:
                raise Refused("Send a query.")
            return self._known(digest.lower()) or _missing()
        if len(text) > MAX_LENGTH:
            raise TooLong(f"The query is longer than {MAX_LENGTH} characters.")
        true = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        if digest is not None and digest.lower() != true:
            raise Refused("The hash is not that of the query.")
        known = self._known(true)
        if known is not None:
            return known
        document = self._read(text)
        if keep:
            self._keep(true, document)
        return document

    def _known(self, digest: str) -> Document | None:
        if digest not in self._kept:
            return None
        self._kept.move_to_end(digest)
        return self._kept[digest]

    def _keep(self, digest: str, document: Document) -> None:
        self._kept[digest] = document
        self._room -= document.length
        while self._room < 0:
            self._room += self._kept.popitem(last=False)[1].length

    def _read(self, text: str) -> Document:
        try:
            node = parse(text, max_lexical_tokens=MAX_TOKENS, max_comments=MAX_TOKENS, allow_empty_selection_sets=False)
        except GraphQLError as error:
            raise Unreadable(error) from None
        allow(self.schema, node)
        wrong = validate(
            self.schema,
            node,
            max_errors=_MAX_ERRORS,
            hide_suggestions=not self._hints,
            allow_empty_selection_sets=False,
        )
        if wrong:
            raise Refused(wrong[0].message, wrong)
        return Document(node, len(text))


def _missing() -> Document:
    raise NoSuchDocument
