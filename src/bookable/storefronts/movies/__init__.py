"""Movies: a person's own film collection. See docs/storefronts/movies.md."""

from bookable.storefronts.kit import Storefront

from . import auth, collection, files, graphql, imports, me, sharing, uploads
from .wire import MoviesEnvelope

__all__ = ["movies"]


def movies() -> Storefront:
    """The storefront; a static path comes before one with parameters."""
    return Storefront(
        "movies",
        "Movies",
        "",
        MoviesEnvelope(),
        [
            auth.router,
            me.router,
            files.router,
            imports.router,
            uploads.router,
            collection.router,
            sharing.router,
            graphql.router,
        ],
    )
