"""Two tenants of one kind, in which many scenes are played and everybody may be asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from bookable.kernel.tenants import Tenant
from bookable.wiring import House, storefronts
from tests import make

from .access import Matrix, filled
from .conformance import Conformance
from .scene import Scene

__all__ = ["Stage"]


@dataclass(frozen=True)
class Stage:
    """What is answered here must be as documented, in either tenant."""

    asgi: Any
    house: House
    matrix: Matrix
    here: Tenant
    there: Tenant
    base: str
    conformance: Conformance

    @classmethod
    async def build(cls, asgi: Any, house: House, matrix: Matrix) -> "Stage":
        here, there = [await make.tenant(house.db, kind=matrix.kind) for _ in range(2)]
        await house.tenants.refresh(house.db)
        storefront = storefronts()[matrix.kind]
        return cls(asgi, house, matrix, here, there, storefront.base, Conformance(storefront))

    @asynccontextmanager
    async def open(self, *, there: bool = False) -> AsyncIterator[httpx.AsyncClient]:
        """A line to this tenant, on which nothing is kept: no cookie of one actor is sent by the next."""
        transport = httpx.ASGITransport(self.asgi, client=("127.0.0.1", 50_000))
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        hooks = [self.conformance.hooks(f"/{t.slug}")["response"] for t in (self.here, self.there)]
        given: dict[str, Any] = {"cookies": jar, "event_hooks": {"response": [hook for both in hooks for hook in both]}}
        async with httpx.AsyncClient(transport=transport, base_url=self.address("", there=there), **given) as client:
            yield client

    def scene(self, client: httpx.AsyncClient, *, there: bool = False) -> Scene:
        """A new one, in this tenant or in the other."""
        home, elsewhere = (self.there, self.here) if there else (self.here, self.there)
        return self.matrix.scene(self.house, home, elsewhere, client)

    async def set_up(self, client: httpx.AsyncClient, operation: str) -> tuple[Scene, str]:
        """A new scene in this tenant, and the id there of what the operation is asked about."""
        scene = self.scene(client)
        return scene, await self.matrix.requests[operation].named(scene)

    async def asked(
        self, scene: Scene, operation: str, who: str, id_: str = "", *, there: bool = False, **params: Any
    ) -> httpx.Response:
        """What somebody is answered who asks for what has this id; `there`: in the other tenant."""
        method, template = operation.split()
        request = self.matrix.requests[operation].given(id_)
        headers = {**await scene.headers(who), **request.pop("headers", {})}
        query = {**request.pop("params", {}), **params} or None
        address = self.address(filled(template, id_), there=there)
        return await scene.client.request(method, address, headers=headers, params=query, **request)

    def address(self, path: str, *, there: bool = False) -> str:
        """Of an operation, in this tenant or in the other."""
        return f"http://bookable.test/{(self.there if there else self.here).slug}{self.base}{path}"
