"""Travel's envelope: answers stand for themselves, errors are `{"error": {code, message, details, requestId}}`."""

from typing import Any

__all__ = ["TravelEnvelope"]

_FIELDS = {
    "code": {"type": "string"},
    "message": {"type": "string"},
    "details": {"type": "object"},
    "requestId": {"type": "string"},
}


class TravelEnvelope:
    """Nothing around an answer."""

    def success(self, body: bytes) -> bytes:
        return body

    def success_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema

    def failure(self, code: str, message: str, details: dict[str, Any], request_id: str) -> dict[str, Any]:
        return {"error": {"code": code, "message": message, "details": details, "requestId": request_id}}

    def failure_schema(self) -> dict[str, Any]:
        error = {"type": "object", "properties": _FIELDS, "required": list(_FIELDS)}
        return {"type": "object", "properties": {"error": error}, "required": ["error"]}
