"""StarryMeet's envelope, and its list shape."""

from typing import Any

__all__ = ["StarryMeetEnvelope"]


class StarryMeetEnvelope:
    """`{"success": true, "data": …}` and `{"success": false, "error": {code, message, details}}`."""

    def success(self, body: bytes) -> bytes:
        return b'{"success":true,"data":' + body + b"}"

    def success_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"success": {"const": True}, "data": schema},
            "required": ["success", "data"],
        }

    def failure(self, code: str, message: str, details: dict[str, Any], request_id: str) -> dict[str, Any]:
        return {"success": False, "error": {"code": code, "message": message, "details": details}}

    def failure_schema(self) -> dict[str, Any]:
        error = {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "details": {"type": "object"},
            },
            "required": ["code", "message", "details"],
        }
        return {
            "type": "object",
            "properties": {"success": {"const": False}, "error": error},
            "required": ["success", "error"],
        }
