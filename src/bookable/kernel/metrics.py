"""What is counted, for Prometheus: requests, jobs, the pool, refusals, encryptions. Cheap where it is hot."""

import os
from collections.abc import Callable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = [
    "CONTENT_TYPE",
    "backed_up",
    "hash_refused",
    "hashing_waits",
    "job_done",
    "limiter_store_failed",
    "limiter_store_up",
    "provider_called",
    "rate_limited",
    "registry",
    "render",
    "request_done",
    "sealed_under",
    "watch_jobs",
    "watch_pool",
]

CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"
registry = CollectorRegistry()

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_requests = Counter(
    "bookable_http_requests",
    "Answers given.",
    ("storefront", "route", "method", "status"),
    registry=registry,
)
_latency = Histogram(
    "bookable_http_request_seconds",
    "From the first byte of the request to the last of the answer.",
    ("storefront", "route", "method"),
    buckets=_SECONDS,
    registry=registry,
)
_jobs = Counter("bookable_jobs", "Jobs worked off.", ("task", "outcome"), registry=registry)
_job_seconds = Histogram("bookable_job_seconds", "Time a job took.", ("task",), buckets=_SECONDS, registry=registry)
_refusals = Counter("bookable_rate_limited", "Calls refused by a rate limit.", ("tier",), registry=registry)
_store_failures = Counter(
    "bookable_limiter_store_failures", "Failed calls to the store of rate limits.", registry=registry
)
_store_up = Gauge(
    "bookable_limiter_store_up",
    "1 while the store of rate limits answers; alarm on 0.",
    registry=registry,
    multiprocess_mode="min",
)
_encryptions = Counter(
    "bookable_sealed_values",
    "Encryptions under a key; replace the key well before 2^32, alarm at 2^31.",
    ("key_id",),
    registry=registry,
)
_hash_queue = Gauge(
    "bookable_password_hashing_waiting",
    "Password hashes being made or waiting.",
    registry=registry,
    multiprocess_mode="livesum",
)
_hash_refusals = Counter(
    "bookable_password_hashing_refused", "Password hashes refused for a full queue.", registry=registry
)
_providers = Counter("bookable_provider_calls", "Calls to providers.", ("provider", "outcome"), registry=registry)
_backup = Gauge(
    "bookable_backup_last_success_timestamp_seconds",
    "When the newest daily backup was whole; alarm when it is older than a day and two hours.",
    registry=registry,
    multiprocess_mode="max",
)
_pool = Gauge(
    "bookable_db_connections",
    "Connections of the pool.",
    ("state",),
    registry=registry,
    multiprocess_mode="livesum",
)
_waiting_jobs = Gauge("bookable_jobs_waiting", "Jobs that are due.", registry=registry, multiprocess_mode="max")


@cache
def _latency_of(storefront: str, route: str, method: str) -> Histogram:
    return _latency.labels(storefront, route, method)


@cache
def _request_count(storefront: str, route: str, method: str, status: int) -> Counter:
    return _requests.labels(storefront, route, method, str(status))


def request_done(storefront: str, route: str, method: str, status: int, seconds: float) -> None:
    """Count one answer. `route` must be a template, never a path: each value is a series for ever."""
    known = method if method in _METHODS else "OTHER"
    _request_count(storefront, route, known, status).inc()
    _latency_of(storefront, route, known).observe(seconds)


def job_done(task: str, outcome: str, seconds: float) -> None:
    """Count one job; outcomes are `done`, `failed`, `retried`."""
    _jobs.labels(task, outcome).inc()
    _job_seconds.labels(task).observe(seconds)


def provider_called(provider: str, outcome: str) -> None:
    """Count one call to a provider; outcomes are `ok`, `refused`, `failed`, `timeout`."""
    _providers.labels(provider, outcome).inc()


def rate_limited(tier: str) -> None:
    """Count one call that a rate limit refused."""
    _refusals.labels(tier).inc()


def limiter_store_failed() -> None:
    """Count one failed call to the store of rate limits."""
    _store_failures.inc()


def limiter_store_up(up: bool) -> None:
    """Say whether the store of rate limits answers."""
    _store_up.set(int(up))


@cache
def sealed_under(key_id: str) -> Counter:
    """The count of encryptions under one key."""
    return _encryptions.labels(key_id)


def hashing_waits(number: int) -> None:
    """How many password hashes are being made or waiting."""
    _hash_queue.set(number)


def hash_refused() -> None:
    """Count one password hash refused because the queue was full."""
    _hash_refusals.inc()


def backed_up(timestamp: float) -> None:
    """Say when the newest daily backup was made, in seconds since 1970."""
    _backup.set(timestamp)


def watch_pool(size: Callable[[], int], idle: Callable[[], int]) -> None:
    """Read the connection pool whenever the metrics are collected."""
    _pool.labels("open").set_function(size)
    _pool.labels("idle").set_function(idle)


def watch_jobs(waiting: Callable[[], int]) -> None:
    """Read the number of due jobs whenever the metrics are collected."""
    _waiting_jobs.set_function(waiting)


def render() -> bytes:
    """All metrics in Prometheus' text format; of all processes where `PROMETHEUS_MULTIPROC_DIR` is set."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(registry)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    return generate_latest(together)
