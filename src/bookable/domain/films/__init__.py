"""A person's own film collection: what is in it, who may look, what is said of it, how it is shown."""

from .collecting import add, add_many, change, forget, get, get_many, remove
from .errors import NoSuchFilm, NotYourFilm
from .listing import list_own
from .preferring import prefer, preferences_of
from .records import Comment, CommentPage, Draft, Film, FilmPage, Filters, Order, Preferences
from .rules import LONGEST_NOTES, LONGEST_TITLE, LONGEST_URL, problems
from .sharing import comment, comments_on, share, shared, unshare

__all__ = [
    "LONGEST_NOTES",
    "LONGEST_TITLE",
    "LONGEST_URL",
    "Comment",
    "CommentPage",
    "Draft",
    "Film",
    "FilmPage",
    "Filters",
    "NoSuchFilm",
    "NotYourFilm",
    "Order",
    "Preferences",
    "add",
    "add_many",
    "change",
    "comment",
    "comments_on",
    "forget",
    "get",
    "get_many",
    "list_own",
    "prefer",
    "preferences_of",
    "problems",
    "remove",
    "share",
    "shared",
    "unshare",
]
