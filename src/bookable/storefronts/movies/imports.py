"""Files of films over the wire: brought in with a report on every row, and watched on their way."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from bookable.domain import films
from bookable.storefronts.kit import Call, Paging, Params, Reply, Router, Shape, encode

from .receiving import announced, received
from .wire import ListMeta, meta

__all__ = ["router"]

router = Router("Movies")

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": _BINARY,
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": _BINARY["schema"]}, "required": ["file"]}
            },
        },
    },
    "responses": {
        "200": {"headers": {"Location": {"description": "The import, to look at.", "schema": {"type": "string"}}}}
    },
}


class BringIn(Params):
    """`importId`: how the import is to be called, for those who want to watch it from the first moment."""

    import_id: UUID | None = None


class RowErrorShape(Shape):
    field: str
    message: str


class RowShape(Shape):
    row: int
    id: int | msgspec.UnsetType = msgspec.UNSET
    errors: list[RowErrorShape] | msgspec.UnsetType = msgspec.UNSET


class ImportData(Shape):
    imported: int
    failed: int
    rows: list[RowShape]


class ImportShape(Shape):
    id: UUID
    state: films.ImportState
    bytes_total: int | None
    bytes_received: int
    bytes_read: int
    imported: int
    failed: int
    error: str | None
    started_at: datetime
    finished_at: datetime | None


class ImportsData(Shape):
    items: list[ImportShape]
    meta: ListMeta


@router.post("/movies/import", ImportData, phases=True, errors=(400, 408, 409, 413, 415), extra=_FILE)
async def bring_in(call: Call, query: BringIn) -> Reply:
    """Add many films from CSV (its first line names the columns) or JSON; says of every row what became of it."""
    sent = announced(call.request)
    async with (
        films.followed(call.db, call.actor, query.import_id, announced=sent) as progress,
        received(call.request, progress) as file,
    ):
        place = f"{call.request.scope['root_path']}/movies/imports/{progress.import_id}"
        answer = partial(_answer, place)
        return answer(await films.bring_in(call.db, call.actor, file, progress, also=call.kept_as(answer)))


def _answer(place: str, report: films.ImportReport) -> Reply:
    data = ImportData(imported=report.imported, failed=report.failed, rows=[_row(row) for row in report.rows])
    return Reply(200, encode(data), "application/json", {"Location": place})


@router.get("/movies/imports", ImportsData)
async def imports(call: Call, query: Paging) -> ImportsData:
    """One's imports of the last month, the newest first."""
    found = await films.imports_of(call.tx, call.user_id, page=query.page, limit=query.limit, cursor=query.cursor)
    return ImportsData(
        items=[_shape(one) for one in found.items],
        meta=meta(query.page, query.limit, found.total, found.next_cursor),
    )


@router.get("/movies/imports/{import_id}", ImportShape)
async def one_import(call: Call, import_id: UUID) -> ImportShape:
    """How far one of one's imports is, or how it ended."""
    return _shape(await films.import_of(call.tx, call.user_id, import_id))


def _shape(one: films.Import) -> ImportShape:
    return ImportShape(**msgspec.structs.asdict(one))


def _row(report: films.RowReport) -> RowShape:
    if report.film_id is not None:
        return RowShape(row=report.row, id=report.film_id)
    return RowShape(row=report.row, errors=[RowErrorShape(field=f, message=m) for f, m in report.errors.items()])
