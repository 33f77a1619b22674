"""What `RAPPORT_BLOB_URL=s3://…` says: bucket, prefix, where the server is, and how long it is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from rapport_chassis.engine_url import read_engine_url

_FORM: Final = (
    "s3://bucket/prefix[?endpoint=https://host:port&region=…]; who we are is said by "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)
_OPTIONS: Final = ("endpoint", "region")
_CONNECT_SECONDS: Final = 3
_ATTEMPTS: Final = 3
THREADS: Final = 16


@dataclass(frozen=True)
class S3Settings:
    """A URL `s3://BUCKET[/PREFIX][?endpoint=https://host:port&region=…]`, read.

    Without `endpoint` it is Amazon's of the region. `credentials` are of the environment; without them boto3 looks where it
    always does (profiles, the role of the instance, container or pod). `silence_seconds` is how long a request waits for a
    sign of life, however long the whole takes.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    silence_seconds: float = 15
    credentials: Mapping[str, str | None] = field(default_factory=dict, repr=False)

    @classmethod
    def from_url(cls, url: str, env: Mapping[str, str] = {}) -> S3Settings:
        """Read the URL; `env` may have AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. Raises `WrongSetting`."""
        read = read_engine_url("RAPPORT_BLOB_URL", url, _FORM, ("s3",), _OPTIONS)
        if read.user or read.password or ":" in read.place:
            raise read.wrong(f"it must be {_FORM}")
        endpoint = read.options.get("endpoint")
        if endpoint is not None and not _is_address(endpoint):
            raise read.wrong("endpoint must be http://host:port or https://host:port")
        names = [name for name in read.path.split("/") if name]
        if {".", ".."} & set(names):
            raise read.wrong("no part of the prefix may be . or ..")
        return cls(
            read.place,
            "".join(f"{name}/" for name in names),
            endpoint,
            read.options.get("region"),
            credentials={
                "aws_access_key_id": env.get("AWS_ACCESS_KEY_ID"),
                "aws_secret_access_key": env.get("AWS_SECRET_ACCESS_KEY"),
                "aws_session_token": env.get("AWS_SESSION_TOKEN"),
            },
        )

    @property
    def shown(self) -> str:
        """Where it is, for operators."""
        return f"s3://{self.bucket}/{self.prefix}" + (f" at {self.endpoint}" if self.endpoint else "")

    def client(self) -> Any:
        """A client of boto3, for many threads; it asks nobody yet. Raises what botocore raises without credentials."""
        import boto3
        from botocore.config import Config

        config = Config(
            signature_version="s3v4",
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=self.silence_seconds,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=THREADS,
            s3={"addressing_style": "path" if self.endpoint else "auto"},
            request_checksum_calculation="when_required",  # other servers than Amazon's do not know the newer ones
            response_checksum_validation="when_required",
        )
        session = boto3.Session(region_name=self.region, **self.credentials)
        region = session.region_name or ("us-east-1" if self.endpoint else None)
        return session.client("s3", endpoint_url=self.endpoint, region_name=region, config=config)


def _is_address(endpoint: str) -> bool:
    parts = urlsplit(endpoint)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.path.strip("/") or parts.query)
