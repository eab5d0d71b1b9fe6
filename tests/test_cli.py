"""`bookable` at the command line: each command does what its help says, and a wrong setting is one clear line."""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from bookable import migrate, settings
from bookable.cli import app
from bookable.kernel import logs
from bookable.migrate import upgrade
from bookable.reaching import reach
from bookable.settings import WrongSettings
from tests import make, servers
from tests.doubles.s3 import S3Double


@pytest.fixture(scope="module")
def own_database(database_url: str) -> Iterator[str]:
    """A database that no other test has tampered with."""
    name = database_url.rsplit("/", 1)[1] + "_cli"
    with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
    url = servers.admin_url().rsplit("/", 1)[0] + f"/{name}"
    upgrade(url)
    yield url
    with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def bookable(
    own_database: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator["Bookable"]:
    """The command, on the suite's servers and with no `.env` in sight."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", own_database)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    yield Bookable(monkeypatch)
    logs.configure(json=False, stream=sys.__stderr__)  # the command logged to the runner's, which is closed now


class Bookable:
    """Runs the command with more settings, if any."""

    def __init__(self, environment: pytest.MonkeyPatch) -> None:
        self._environment = environment

    def __call__(self, *arguments: str, **settings: str) -> Result:
        for name, value in settings.items():
            self._environment.setenv(name, value)
        return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_every_command_has_a_help_worth_reading(bookable: Bookable) -> None:
    for command in (
        ["serve"],
        ["worker"],
        ["backup"],
        ["restore"],
        ["migrate"],
        ["seed"],
        ["routes"],
        ["tenant", "create"],
        ["tenant", "list"],
        ["ledger", "check"],
        ["keys", "rotate"],
        ["jobs", "list"],
        ["jobs", "retry"],
        ["config", "check"],
    ):
        shown = bookable(*command, "--help")
        assert shown.exit_code == 0
        assert len(shown.output) > 150, command


def test_a_database_that_can_not_be_used_is_one_line(bookable: Bookable, own_database: str) -> None:
    there = urlsplit(own_database).netloc.rpartition("@")[2] + urlsplit(own_database).path
    wrong = {
        f"{own_database}_nowhere": "does not exist",
        f"postgresql://nobody_of_that_name:secret-word@{there}": "nobody_of_that_name",
    }
    for address, reason in wrong.items():
        done = bookable("migrate", DATABASE_URL=own_database, DATABASE_MIGRATION_URL=address)
        assert (done.exit_code, done.output.partition(":")[0]) == (2, "DATABASE_MIGRATION_URL")
        done = bookable("migrate", DATABASE_URL=address, DATABASE_MIGRATION_URL=own_database)
        assert done.exit_code == 2
        assert done.output.startswith("DATABASE_URL: ")
        assert len(done.output.strip().splitlines()) == 1
        assert reason in done.output
        assert "secret-word" not in done.output


def test_a_database_that_is_ahead_of_us_is_left_alone(bookable: Bookable, own_database: str) -> None:
    def at(version: str) -> None:
        with psycopg.connect(own_database, autocommit=True) as owner:
            owner.execute("UPDATE alembic_version SET version_num = %s", [version])

    at("9999")
    try:
        for command in (["migrate"], ["serve"], ["ledger", "check"]):
            done = bookable(*command)
            assert done.exit_code == 2
            assert "schema 9999" in done.output.strip().splitlines()[-1]
    finally:
        at(migrate.head())


def test_servers_that_are_away_are_waited_for(own_database: str, redis_url: str) -> None:
    said: list[str] = []
    away = {"database_url": SecretStr("postgresql://me:secret-word@127.0.0.1:1/x"), "redis_url": SecretStr(redis_url)}
    with pytest.raises(WrongSettings, match=r"^DATABASE_URL: nobody answers at 127\.0\.0\.1:1 "):
        reach(settings.load(_env_file=None, **away), said.append, patience=0.6)
    assert said == ["Waiting for PostgreSQL at 127.0.0.1:1"]
    away = {"database_url": SecretStr(own_database), "redis_url": SecretStr("redis://127.0.0.1:1/0")}
    reach(settings.load(_env_file=None, **away), said.append)
    assert said[1:] == ["REDIS_URL: nobody answers at 127.0.0.1:1; starting without it."]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "ninety"),
        ("JWT_EXPIRES_IN", "soon"),
        ("RATE_LIMIT_READS", "lots"),
        ("ENCRYPTION_KEY", "abc"),
        ("JWT_SECRET", "short"),
        ("FRONTEND_URL", "starrymeet.com"),
        ("TRUSTED_PROXIES", "the-proxy"),
        ("SENTRY_DSN", "https://k3y-and-n0-project@sentry.example"),
        ("SENTRY_DSN", "https://sentry.example/42"),
        ("SENTRY_DSN", "sentry.example"),
        ("MEDIA_URL", "ftp://pictures"),
        ("MEDIA_URL", "s3://NoBucket"),
        ("S3_BUCKET_NAME", "s3://pictures"),
        ("AWS_REGION", "Frankfurt"),
        ("AWS_ENDPOINT_URL", "minio:9000"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it_and_not_its_value(bookable: Bookable, name: str, value: str) -> None:
    refused = bookable("config", "check", **{name: value})
    assert refused.exit_code == 2
    lines = refused.output.strip().splitlines()
    assert len(lines) == 1
    assert name in lines[0]
    if name in ("ENCRYPTION_KEY", "JWT_SECRET", "SENTRY_DSN"):
        assert value not in lines[0]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"S3_BUCKET_NAME": "one", "MEDIA_URL": "s3://one-and-another/x"}, "S3_BUCKET_NAME"),
        ({"S3_BUCKET_NAME": "one", "MEDIA_URL": "file:///pictures"}, "S3_BUCKET_NAME"),
        ({"AWS_ACCESS_KEY_ID": "AKID"}, "AWS_SECRET_ACCESS_KEY"),
        ({"AWS_SECRET_ACCESS_KEY": "very-secret"}, "AWS_ACCESS_KEY_ID"),
    ],
)
def test_settings_that_do_not_go_together_are_named(bookable: Bookable, given: dict[str, str], name: str) -> None:
    refused = bookable("config", "check", **given)
    assert refused.exit_code == 2
    assert refused.output.startswith(f"{name}: ")
    assert "very-secret" not in refused.output


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"S3_BUCKET_NAME": "elsewhere"}, "S3_BUCKET_NAME"),
        ({"MEDIA_URL": "s3://elsewhere/kept"}, "MEDIA_URL"),
        ({"AWS_REGION": "eu-west-3"}, "AWS_REGION"),
        ({"AWS_ACCESS_KEY_ID": "AKIDNOBODY"}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_SECRET_ACCESS_KEY": "very-secret"}, "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_a_bucket_that_refuses_us_ends_the_start_with_the_setting_that_is_wrong(
    bookable: Bookable, command: str, given: dict[str, str], name: str
) -> None:
    with S3Double() as s3:
        place = {} if "MEDIA_URL" in given else {"S3_BUCKET_NAME": s3.bucket}
        refused = bookable(command, **{**s3.settings, **place, **given})
    assert refused.exit_code == 2
    (line,) = refused.output.strip().splitlines()
    assert line.startswith(f"{name}: ")
    assert "very-secret" not in line


def test_settings_in_the_file_lead_to_the_bucket_too(bookable: Bookable, tmp_path: Path) -> None:
    with S3Double() as s3:
        lines = [f"{name}={value}" for name, value in {**s3.settings, "S3_BUCKET_NAME": "elsewhere"}.items()]
        (tmp_path / ".env").write_text("\n".join(lines))
        refused = bookable("worker")
    assert refused.output.startswith("S3_BUCKET_NAME: there is no such bucket")
    assert s3.refusals == ["NoSuchBucket"], "the signature was good"


def test_production_names_everything_that_it_refuses(bookable: Bookable) -> None:
    refused = bookable("config", "check", APP_ENV="production", CORS_ORIGINS="*")
    assert refused.exit_code == 2
    for name in (
        "JWT_SECRET",
        "ENCRYPTION_KEY",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "SMTP_URL",
        "CORS_ORIGINS",
    ):
        assert name in refused.output


def test_production_takes_settings_that_are_its_own(bookable: Bookable) -> None:
    accepted = bookable(
        "config",
        "check",
        APP_ENV="production",
        JWT_SECRET="a" * 40,
        ENCRYPTION_KEY="1c" * 32,
        STRIPE_SECRET_KEY="sk_live_x",
        STRIPE_WEBHOOK_SECRET="whsec_x",
        SMTP_URL="smtp://mail.example.com",
        FRONTEND_URL="https://starrymeet.com",
    )
    assert accepted.exit_code == 0, accepted.output
    assert "sk_live_x" not in accepted.output


def test_migrating_twice_changes_nothing_the_second_time(bookable: Bookable) -> None:
    assert "Already at" in bookable("migrate").output


def test_a_tenant_that_was_made_is_listed_and_its_slug_is_taken(bookable: Bookable) -> None:
    slug = f"gala-{make.word()}"
    options = ["--kind", "starrymeet", "--name", "Gala", "--host", f"{slug}.example", "--currency", "EUR"]
    made = bookable("tenant", "create", slug, *options)
    assert made.exit_code == 0, made.output
    listed = bookable("tenant", "list").output
    assert any(slug in line and "EUR" in line and f"{slug}.example" in line for line in listed.splitlines())
    again = bookable("tenant", "create", slug, *options)
    assert again.exit_code == 1
    assert "exists already" in again.output
    assert bookable("tenant", "create", "x-y", "--kind", "circus", "--name", "X").exit_code == 1


def test_a_backup_is_made_while_others_work_and_restored_only_where_nothing_is(
    bookable: Bookable, tmp_path: Path, own_database: str
) -> None:
    made = bookable("backup", BACKUP_DIR=str(tmp_path))
    assert made.exit_code == 0, made.output
    [path] = tmp_path.glob("bookable-*.tar")
    assert str(path) in made.output
    assert bookable("backup", str(path)).exit_code == 1
    refused = bookable("restore", str(path))
    assert refused.exit_code == 1
    assert "is not empty" in refused.output
    password = own_database.split(":")[2].split("@")[0]
    assert password not in made.output + refused.output


def test_a_backup_is_restored_with_one_command(bookable: Bookable, tmp_path: Path, own_database: str) -> None:
    assert bookable("backup", str(tmp_path / "a.tar")).exit_code == 0
    name = own_database.rsplit("/", 1)[1] + "_again"
    with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        again = {"DATABASE_URL": f"{own_database.rsplit('/', 1)[0]}/{name}"}
        restored = bookable("restore", str(tmp_path / "a.tar"), **again)
        present = bookable("migrate", **again)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert restored.exit_code == 0, restored.output
    assert "sound" in restored.output
    assert "Already at" in present.output


def test_an_empty_or_a_sound_ledger_passes(bookable: Bookable) -> None:
    checked = bookable("ledger", "check")
    assert checked.exit_code == 0, checked.output
    assert "Sound." in checked.output


def test_keys_can_be_rotated_at_any_time(bookable: Bookable) -> None:
    rotated = bookable("keys", "rotate", ENCRYPTION_KEY=",".join(("2d" * 32, "0b" * 32)))
    assert rotated.exit_code == 0, rotated.output
    assert "are sealed under the newest key" in rotated.output


def test_failed_jobs_are_listed_and_can_be_retried(bookable: Bookable) -> None:
    assert bookable("jobs", "list").exit_code == 0
    assert "jobs are back on the queue" in bookable("jobs", "retry").output


def test_every_operation_is_listed(bookable: Bookable) -> None:
    listed = bookable("routes").output
    assert "POST   /api/bookings " in listed
    assert "PATCH  /api/admin/users/{user_id}" in listed
