"""Movies' envelope, and its list shape."""

from typing import Any

from bookable.storefronts.kit import Shape

__all__ = ["ListMeta", "MoviesEnvelope", "meta"]


class MoviesEnvelope:
    """Answers as they are, and `{"error": {code, message, details}}`."""

    def success(self, body: bytes) -> bytes:
        return body

    def success_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema

    def failure(self, code: str, message: str, details: dict[str, Any], request_id: str) -> dict[str, Any]:
        return {"error": {"code": code, "message": message, "details": details}}

    def failure_schema(self) -> dict[str, Any]:
        fields = {"code": {"type": "string"}, "message": {"type": "string"}, "details": {"type": "object"}}
        error = {"type": "object", "properties": fields, "required": list(fields)}
        return {"type": "object", "properties": {"error": error}, "required": ["error"]}


class ListMeta(Shape):
    page: int
    limit: int
    total: int
    total_pages: int
    next_cursor: str | None


def meta(page: int, limit: int, total: int, next_cursor: str | None) -> ListMeta:
    """Where this page of a list stands."""
    return ListMeta(page=page, limit=limit, total=total, total_pages=-(-total // limit), next_cursor=next_cursor)
