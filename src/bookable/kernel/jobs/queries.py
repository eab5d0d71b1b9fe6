"""Procrastinate's own tables, where its versioned interface has no verb for what we need."""

__all__ = ["DEFER", "DOING", "FAILED", "NEXT_DUE", "RETRY", "SHIFT"]

DEFER = """
SELECT procrastinate_defer_jobs_v1(ARRAY(
    SELECT ROW('default', j->>'task', (j->>'priority')::int, j->>'lock', NULL, j->'args',
               (j->>'at')::timestamptz)::procrastinate_job_to_defer_v1
    FROM jsonb_array_elements($1::jsonb) AS j))
"""

NEXT_DUE = """
SELECT min(scheduled_at) FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now() AND attempts = 0
"""

SHIFT = """
UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - make_interval(secs => $1)
WHERE status = 'todo' AND scheduled_at IS NOT NULL
"""

DOING = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"

FAILED = """
SELECT id, task_name, args, attempts,
       (SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id) AS failed_at
FROM procrastinate_jobs j WHERE status = 'failed' ORDER BY id DESC LIMIT $1
"""

RETRY = "SELECT id FROM procrastinate_jobs WHERE status = 'failed' AND ($1::bigint IS NULL OR id = $1)"
