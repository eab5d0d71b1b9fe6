"""GraphQL over the films: schema, limits, documents, execution; one operation of the storefront, `POST /graphql`."""

from .operation import router

__all__ = ["router"]
