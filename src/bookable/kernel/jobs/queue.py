"""The queue as Procrastinate knows it: every task by name, and the timetable. Imported late: see `Workshop`."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

import procrastinate
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from bookable.kernel.db import APP_ROLE
from bookable.kernel.events import Chore, Timed
from bookable.kernel.logs import get_logger

from .retrying import Patience

__all__ = ["put_back", "queue", "rescue"]

_log = get_logger(__name__)


Turn = Callable[[int], Awaitable[None]]


def queue(
    url: str,
    tasks: Mapping[str, Callable[..., Awaitable[None]]],
    timetable: Iterable[tuple[Timed, Turn]],
    chores: Iterable[tuple[Chore, Turn]],
) -> procrastinate.App:
    """Not opened yet."""
    connector = procrastinate.PsycopgConnector(
        conninfo=url, kwargs={"options": f"-c role={APP_ROLE}"}, min_size=1, max_size=6, timeout=10
    )
    app = procrastinate.App(connector=connector)
    for name, task in tasks.items():
        app.task(name=name, retry=Patience())(task)
    for timed, turn in timetable:
        name = f"timetable.{timed.task}"
        app.periodic(cron=timed.cron)(app.task(name=name, queueing_lock=name)(turn))
    for chore, turn in chores:  # the lock: one that is to be tried again is not asked for besides
        app.periodic(cron=chore.cron)(app.task(name=chore.task, retry=Patience(), queueing_lock=chore.task)(turn))
    return app


async def put_back(app: procrastinate.App, job_id: int, now: datetime) -> bool:
    """A dead letter on the queue again; False, and still a letter, where the next of its kind waits there already."""
    try:
        await app.job_manager.retry_job_by_id_async(job_id, now)
    except UniqueViolation:
        return False
    return True


async def rescue(app: procrastinate.App, *, silence: float) -> None:
    """Put jobs back on the queue whose worker has not been heard of for `silence` seconds."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence):
        _log.warning("job_rescued", task=job.task_name, job=job.id)
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:  # the next turn waits already, and does what this one did not
            await app.job_manager.finish_job(job, Status.SUCCEEDED, delete_job=True)
