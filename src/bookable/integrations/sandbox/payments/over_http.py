"""Webhooks of the sandbox over real HTTP, to the address where the tenant's storefront listens."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    import httpx

__all__ = ["OverHttp"]


class OverHttp:
    """A `Send`: `address(tenant_id)` says where. A connection that fails counts as status 0."""

    def __init__(self, address: Callable[[UUID], str], *, timeout: float = 10.0) -> None:
        self._address = address
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, tenant_id: UUID, body: bytes, headers: Mapping[str, str]) -> int:
        import httpx  # late: most processes that could send such a thing never do

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout, trust_env=False)
        try:
            answer = await self._client.post(self._address(tenant_id), content=body, headers=dict(headers))
        except httpx.HTTPError:
            return 0
        return answer.status_code

    async def aclose(self) -> None:
        """Let the connections go."""
        if self._client is not None:
            await self._client.aclose()
