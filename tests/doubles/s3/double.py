"""S3 in the hand of a test: one bucket in memory, path style, and a clock that can be put forward."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import unquote
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.doubles.s3.signatures import Asked, Keys, Refused, check
from tests.doubles.threaded import Threaded

__all__ = ["Kept", "S3Double"]

_PAGE = 1_000


@dataclass(frozen=True)
class Kept:
    """An object: its bytes, what its sender called them, and when they came."""

    data: bytes
    content_type: str
    at: datetime
    size: int | None = None
    """Where it is larger than `data`."""

    @property
    def headers(self) -> dict[str, str]:
        """What S3 says of it."""
        digest = hashlib.md5(self.data, usedforsecurity=False).hexdigest()
        return {
            "Content-Type": self.content_type,
            "ETag": f'"{digest}"',
            "Last-Modified": format_datetime(self.at, usegmt=True),
        }


@dataclass
class Clock:
    """The store's own time, which a test may put forward."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class S3Double(Threaded):
    """One bucket of one customer. Whatever is not signed as it must be is refused, as S3 refuses it."""

    def __init__(self, bucket: str = "pictures", region: str = "eu-central-1") -> None:
        self.bucket = bucket
        self.keys = Keys("AKIDBOOKABLEDOUBLE", "double/secret+key", region)
        self.clock = Clock()
        self.moved = False
        """The bucket is in another region, which is said as S3 says it: by a redirect to nowhere."""
        self.objects: dict[str, Kept] = {}
        """By key, without the bucket's name."""
        self.refusals: list[str] = []
        """The codes of what was refused, oldest first."""
        methods = ["GET", "HEAD", "PUT", "POST", "DELETE"]
        super().__init__([Route("/{path:path}", self._answer, methods=methods)])

    @property
    def settings(self) -> dict[str, str]:
        """What leads a server here, by the names of the environment."""
        return {
            "AWS_ACCESS_KEY_ID": self.keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.keys.secret,
            "AWS_REGION": self.keys.region,
            "AWS_ENDPOINT_URL": self.url,
        }

    async def _answer(self, request: Request) -> Response:
        asked = await _as_it_came(request)
        try:
            check(asked, self.keys, self.clock.now())
            return self._done(asked)
        except Refused as refused:
            self.refusals.append(refused.code)
            return _xml(
                f"<Error><Code>{refused.code}</Code><Message>{escape(refused.message)}</Message></Error>",
                refused.status,
            )

    def _done(self, asked: Asked) -> Response:
        bucket, _, key = unquote(asked.path).lstrip("/").partition("/")
        if self.moved:
            raise Refused(301, "PermanentRedirect", "The bucket you are attempting to access is elsewhere.")
        if bucket != self.bucket:
            raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
        verbs: dict[str, Callable[[Asked, str], Response]] = {
            "GET": self._get if key else self._list,
            "HEAD": self._get,
            "PUT": self._put,
            "DELETE": self._delete,
            "POST": self._delete_many,
        }
        return verbs[asked.method](asked, key)

    def _get(self, asked: Asked, key: str) -> Response:
        kept = self.objects.get(key)
        if kept is None:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.")
        if kept.size is not None:
            return StreamingResponse(_zeros(kept), 200, {**kept.headers, "Content-Length": str(kept.size)})
        return Response(kept.data, 200, kept.headers)

    def enlarge(self, key: str, size: int) -> None:
        """Let the object have zeros behind it, so many that it has `size` bytes; they are made while they are read."""
        self.objects[key] = replace(self.objects[key], size=size)

    def _put(self, asked: Asked, key: str) -> Response:
        kept = Kept(asked.body, asked.headers.get("content-type", "binary/octet-stream"), self.clock.now())
        self.objects[key] = kept
        return Response(status_code=200, headers={"ETag": kept.headers["ETag"]})

    def _delete(self, asked: Asked, key: str) -> Response:
        self.objects.pop(key, None)
        return Response(status_code=204)

    def _delete_many(self, asked: Asked, key: str) -> Response:
        if "delete" not in asked.parameters:
            raise Refused(501, "NotImplemented", "This double deletes, and posts nothing else.")
        keys = re.findall(r"<Key>([^<]*)</Key>", asked.body.decode())
        for one in keys:
            self.objects.pop(one, None)
        done = "".join(f"<Deleted><Key>{escape(one)}</Key></Deleted>" for one in keys)
        return _xml(f"<DeleteResult>{done}</DeleteResult>")

    def _list(self, asked: Asked, key: str) -> Response:
        """ListObjectsV2, in pages: those after `continuation-token` whose names begin with `prefix`."""
        said = asked.parameters
        if said.get("list-type") != "2":
            raise Refused(501, "NotImplemented", "This double lists in version 2.")
        after, most = said.get("continuation-token", ""), min(int(said.get("max-keys", _PAGE)), _PAGE)
        found = sorted(k for k in self.objects if k.startswith(said.get("prefix", "")) and k > after)
        page, more = found[:most], len(found) > most
        entries = "".join(_entry(k, self.objects[k]) for k in page)
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        head = (
            f"<Name>{self.bucket}</Name><KeyCount>{len(page)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"
        )
        return _xml(f"<ListBucketResult>{head}{token}{entries}</ListBucketResult>")


async def _as_it_came(request: Request) -> Asked:
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in request.scope["headers"]}
    path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    return Asked(request.method, path, query, headers, await request.body())


async def _zeros(kept: Kept) -> AsyncIterator[bytes]:
    yield kept.data
    left = (kept.size or 0) - len(kept.data)
    while left > 0:
        yield bytes(min(left, 1 << 16))
        left -= 1 << 16
        await asyncio.sleep(0)  # the hanging up of whoever reads is heard here


def _entry(key: str, kept: Kept) -> str:
    at = kept.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    etag, size = escape(kept.headers["ETag"]), len(kept.data)
    return (
        f"<Contents><Key>{escape(key)}</Key><LastModified>{at}</LastModified>"
        f"<ETag>{etag}</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
    )


def _xml(body: str, status: int = 200) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}', status, media_type="application/xml")
