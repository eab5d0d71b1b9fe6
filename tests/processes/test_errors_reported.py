"""A server with SENTRY_DSN tells of what goes wrong in it, and a Sentry that is away does not keep it from ending."""

from collections.abc import Callable

import psycopg

from bookable.kernel.tenants import Tenant
from tests.doubles.sentry import SentryDouble
from tests.processes.programs import Server

_UNREADABLE = """
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', 'notifications.send', 0, NULL, NULL,
    jsonb_build_object('tenant_id', %s::text, 'notification_id', 'c4n4ry'), NULL)::procrastinate_job_to_defer_v1])
"""


def test_a_server_tells_of_a_failed_job_and_ends_in_order(
    serving: Callable[..., Server], own_url: str, shop: Tenant
) -> None:
    with SentryDouble() as sentry:
        server = serving(sentry_dsn=sentry.dsn)
        server.start_and_wait()
        with psycopg.connect(own_url) as owner:
            owner.execute(_UNREADABLE, (str(shop.id),))
        [event, *_] = sentry.wait_for_events(1, patience=30)
        assert event["transaction"] == "job notifications.send"
        assert (event["environment"], event["tags"]) == ("test", {})
        sentry.down = True
        assert server.stop() == 0
    assert b"c4n4ry" not in b"".join(sentry.envelopes)
