"""A person's own film collection: what is in it, who may look, what is said of it, how it is shown."""

from .collecting import add, add_many, change, forget, get, get_many, remove
from .errors import FileTooLarge, ImportExists, NoSuchFilm, NoSuchImport, NotYourFilm
from .files import as_csv, heading
from .following import Progress, followed, forget_imports, import_of, imports_of
from .importing import MOST_BYTES, MOST_ROWS, ImportReport, RowReport, bring_in, everything
from .listing import list_own
from .preferring import prefer, preferences_of
from .records import (
    Comment,
    CommentPage,
    Draft,
    Film,
    FilmPage,
    Filters,
    Import,
    ImportPage,
    ImportState,
    Order,
    Preferences,
)
from .rules import LONGEST_NOTES, LONGEST_TITLE, LONGEST_URL, problems
from .sharing import Said, comment, comments_on, share, shared, unshare

__all__ = [
    "LONGEST_NOTES",
    "LONGEST_TITLE",
    "LONGEST_URL",
    "MOST_BYTES",
    "MOST_ROWS",
    "Comment",
    "CommentPage",
    "Draft",
    "FileTooLarge",
    "Film",
    "FilmPage",
    "Filters",
    "Import",
    "ImportExists",
    "ImportPage",
    "ImportReport",
    "ImportState",
    "NoSuchFilm",
    "NoSuchImport",
    "NotYourFilm",
    "Order",
    "Preferences",
    "Progress",
    "RowReport",
    "Said",
    "add",
    "add_many",
    "as_csv",
    "bring_in",
    "change",
    "comment",
    "comments_on",
    "everything",
    "followed",
    "forget",
    "forget_imports",
    "get",
    "get_many",
    "heading",
    "import_of",
    "imports_of",
    "list_own",
    "prefer",
    "preferences_of",
    "problems",
    "remove",
    "share",
    "shared",
    "unshare",
]
