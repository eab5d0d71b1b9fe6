"""Settings: read once from the environment (and `.env`), checked, frozen. A wrong one stops the start with one line."""

import re
import sys
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bookable.kernel.limits import Limit, Network, parse_networks
from bookable.kernel.security.sealing import Sealer
from bookable.kernel.security.token_keys import TokenKeys

__all__ = ["Settings", "WrongSettings", "load"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SENTRY_PROJECT = re.compile(r"https?://\w+(:\w+)?@[\w.-]+(:\d{1,5})?(/[\w./-]*)?/\d+", re.ASCII)
_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_DEVELOPMENT_JWT_SECRET = "bookable-development-secret-that-production-refuses"  # noqa: S105 - refused in production
_DEVELOPMENT_KEY = "0b" * 32
_DEVELOPMENT_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 - refused in production


class WrongSettings(Exception):
    """One line for each setting that is wrong; never its value."""


def _duration(text: Any) -> Any:
    if isinstance(text, str) and (found := re.fullmatch(r"(\d+)\s*([smhd]?)", text.strip())):
        return timedelta(seconds=int(found[1]) * _UNITS[found[2] or "s"])
    if isinstance(text, timedelta):
        return text
    raise ValueError("write a duration such as 15m, 12h or 7d")


def _words(text: Any) -> Any:
    return tuple(w.strip() for w in text.split(",") if w.strip()) if isinstance(text, str) else text


def _origin(text: str) -> str:
    if text != "*" and not re.fullmatch(r"https?://[^/\s?#]+(/[^\s?#]*)?", text):
        raise ValueError("must be an http(s) address")
    return text.rstrip("/")


def _address(text: str) -> str:
    if text == "*":
        raise ValueError("must be an http(s) address")
    return _origin(text)


def _media(text: str) -> str:
    if not re.fullmatch(rf"file:///.+|s3://{_BUCKET}(/\S*)?", text):
        raise ValueError("write file:///path or s3://bucket/prefix")
    return text


def _sentry_project(dsn: SecretStr) -> SecretStr:
    if not _SENTRY_PROJECT.fullmatch(dsn.get_secret_value()):
        raise ValueError("write https://KEY@host/PROJECT, as Sentry shows it")
    return dsn


def _limit(text: str) -> str:
    Limit.parse("a setting", text)
    return text


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Rate = Annotated[str, AfterValidator(_limit)]


class Settings(BaseSettings):
    """Every setting of the house, by concern. Names on the outside are these in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    # The process
    app_env: Literal["development", "test", "production"] = "development"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    data_dir: Path = Path(".data")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "json", "text"] = "auto"
    otel_exporter_otlp_endpoint: str | None = None
    sentry_dsn: Annotated[SecretStr, AfterValidator(_sentry_project)] | None = None

    # Database and cache
    database_url: SecretStr | None = None
    database_migration_url: SecretStr | None = None
    database_pool_size: Annotated[int, Field(ge=2, le=200)] = 16
    redis_url: SecretStr | None = None

    # Who may come, and how often
    frontend_url: Annotated[str, AfterValidator(_origin)] = "http://localhost:3000"
    cors_origins: Words = ()
    trusted_proxies: Words = ()
    storefront_hosts: Words = ()
    rate_limit_credentials: Rate = "10/minute"
    rate_limit_account: Rate = "5/minute"
    rate_limit_writes: Rate = "60/minute"
    rate_limit_reads: Rate = "600/minute"

    # Secrets and tokens
    jwt_secret: SecretStr = SecretStr(_DEVELOPMENT_JWT_SECRET)
    jwt_refresh_secret: SecretStr | None = None
    jwt_private_key: SecretStr | None = None
    jwt_retired_public_keys: SecretStr | None = None
    jwt_expires_in: Duration = timedelta(minutes=15)
    jwt_refresh_expires_in: Duration = timedelta(days=7)
    encryption_key: SecretStr = SecretStr(_DEVELOPMENT_KEY)

    # Payments
    stripe_secret_key: SecretStr | None = None
    stripe_publishable_key: str = ""
    stripe_webhook_secret: SecretStr = SecretStr(_DEVELOPMENT_WEBHOOK_SECRET)
    stripe_api_base: str | None = None

    # Mail
    smtp_url: SecretStr | None = None
    sendgrid_api_key: SecretStr | None = None
    sendgrid_from_email: str = "no-reply@bookable.example"
    sendgrid_api_base: str | None = None

    # Flights
    duffel_api_key: SecretStr | None = None
    duffel_api_base: str | None = None
    kiwi_api_key: SecretStr | None = None
    kiwi_api_base: str | None = None

    # Media
    media_url: Annotated[str, AfterValidator(_media)] | None = None
    s3_bucket_name: Annotated[str, Field(pattern=f"^{_BUCKET}$")] | None = None
    aws_region: Annotated[str, Field(pattern="^[a-z0-9-]{2,40}$")] | None = None
    aws_access_key_id: SecretStr | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    aws_endpoint_url: Annotated[str, AfterValidator(_address)] | None = None

    # Backups
    backup_dir: Path | None = None
    backup_keep: Annotated[int, Field(ge=1, le=3650)] = 7

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @property
    def development(self) -> bool:
        return self.app_env == "development"

    @property
    def sentry_project(self) -> str | None:
        """Where unexpected errors are reported, if anywhere."""
        return self.sentry_dsn.get_secret_value() if self.sentry_dsn else None

    @property
    def pictures(self) -> str | None:
        """Where pictures lie: `MEDIA_URL`, or else the bucket of `S3_BUCKET_NAME`."""
        return self.media_url or (f"s3://{self.s3_bucket_name}" if self.s3_bucket_name else None)

    @property
    def aws(self) -> dict[str, str]:
        """How to come to S3, as far as it is set here."""
        said = {
            "region": self.aws_region,
            "endpoint": self.aws_endpoint_url,
            "access_key_id": self.aws_access_key_id,
            "secret_access_key": self.aws_secret_access_key,
            "session_token": self.aws_session_token,
        }
        return {k: v.get_secret_value() if isinstance(v, SecretStr) else v for k, v in said.items() if v is not None}

    @property
    def owner_url(self) -> str:
        """The address whose role owns the tables: migrations use it, requests never do."""
        chosen = self.database_migration_url or self.database_url
        assert chosen is not None
        return chosen.get_secret_value()

    def token_keys(self) -> TokenKeys:
        """What access tokens are signed and verified with."""
        if self.jwt_private_key is None:
            return TokenKeys.from_secret(self.jwt_secret.get_secret_value())
        retired = self.jwt_retired_public_keys.get_secret_value() if self.jwt_retired_public_keys else ""
        return TokenKeys.from_key_pair(
            _pem(self.jwt_private_key.get_secret_value()), *(_pem(p) for p in retired.split(",") if p.strip())
        )

    @property
    def json_logs(self) -> bool:
        """Whether logs are for machines: unless LOG_FORMAT says, wherever nobody sits at a terminal."""
        return self.log_format == "json" or (self.log_format == "auto" and not sys.stderr.isatty())

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """The proxies whose X-Forwarded-For counts."""
        return parse_networks(",".join(self.trusted_proxies))

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """Exact origins that browsers may call from."""
        page = "/".join(self.frontend_url.split("/")[:3])
        return tuple(dict.fromkeys((page, *self.cors_origins)))

    @cached_property
    def hosts(self) -> dict[str, str]:
        """More host names of storefronts, from `STOREFRONT_HOSTS=api.example.com=starrymeet,…`."""
        return dict(pair.split("=", 1) for pair in self.storefront_hosts)

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        Sealer.from_setting(self.encryption_key.get_secret_value())
        _ = self.networks
        if any("=" not in pair for pair in self.storefront_hosts):
            raise ValueError("STOREFRONT_HOSTS: write host=slug pairs, separated by commas")
        if len(self.jwt_secret.get_secret_value()) < 32:
            raise ValueError("JWT_SECRET: at least 32 characters")
        self._one_place_for_pictures()
        if self.production and (wrong := self._unfit_for_production()):
            raise ValueError("; ".join(wrong))
        return self

    def _one_place_for_pictures(self) -> None:
        named = self.s3_bucket_name
        if named and self.media_url and not re.fullmatch(rf"s3://{re.escape(named)}(/.*)?", self.media_url):
            raise ValueError("S3_BUCKET_NAME: MEDIA_URL is not in this bucket; set one of them")
        if self.aws_access_key_id and not self.aws_secret_access_key:
            raise ValueError("AWS_SECRET_ACCESS_KEY: AWS_ACCESS_KEY_ID is set, and this is not")
        if self.aws_secret_access_key and not self.aws_access_key_id:
            raise ValueError("AWS_ACCESS_KEY_ID: AWS_SECRET_ACCESS_KEY is set, and this is not")

    def _unfit_for_production(self) -> list[str]:
        same = {
            "JWT_SECRET: the development secret is not for production": (
                self.jwt_private_key is None and self.jwt_secret.get_secret_value() == _DEVELOPMENT_JWT_SECRET
            ),
            "ENCRYPTION_KEY: the development key is not for production": (
                _DEVELOPMENT_KEY in self.encryption_key.get_secret_value()
            ),
            "STRIPE_WEBHOOK_SECRET: the development secret is not for production": (
                self.stripe_webhook_secret.get_secret_value() == _DEVELOPMENT_WEBHOOK_SECRET
            ),
            "STRIPE_SECRET_KEY: production takes no sandbox gateway": self.stripe_secret_key is None,
            "SMTP_URL or SENDGRID_API_KEY: production sends its mail": (
                self.smtp_url is None and self.sendgrid_api_key is None
            ),
            "CORS_ORIGINS: * is not for production": "*" in self.origins,
        }
        return [line for line, wrong in same.items() if wrong]


def _pem(text: str) -> str:
    """A key as PEM text (with `\\n` for line ends where the environment can't hold them), or the path of its file."""
    text = text.strip()
    return text.replace("\\n", "\n") if text.startswith("-----") else Path(text).read_text()


def load(**given: Any) -> Settings:
    """The settings; raises `WrongSettings` with a line for each one that is wrong."""
    try:
        return Settings(**given)
    except ValidationError as wrong:
        raise WrongSettings("\n".join(_line(p) for p in wrong.errors(include_input=False, include_url=False))) from None


def _line(problem: Any) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    name = "_".join(str(part) for part in problem["loc"]).upper()
    return f"{name}: {message}" if name else message
