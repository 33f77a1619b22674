"""What the environment says about this installation; the one place that reads it."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LONGEST_PORT = 65_535
_ENGINES: Mapping[str, tuple[str, ...]] = {
    "DATABASE": ("sqlite:", "postgresql:"),
    "BUS": ("embedded:", "kafka:"),
    "SEARCH": ("tantivy:", "opensearch:", "opensearch+https:"),
    "BLOB": ("file:", "s3:"),
}


_PLACE = "{service}"


class Misconfigured(Exception):  # noqa: N818
    """The environment says something that cannot be; the message is for the person who set it."""


@dataclass(frozen=True)
class Settings:
    """`RAPPORT_…` variables, checked. `env` is the environment itself, for what services read (provider keys)."""

    data: Path
    port: int
    metrics_port: int | None
    host: str
    urls: Mapping[str, str]
    env: Mapping[str, str]

    @property
    def bus_path(self) -> Path:
        """The embedded bus's file."""
        return self.data / "bus.sqlite"

    @property
    def bus_url(self) -> str:
        """Which bus: `RAPPORT_BUS_URL` when it names Kafka, otherwise the embedded one in the data folder."""
        url = self.env.get("RAPPORT_BUS_URL", "")
        return url if url.startswith("kafka:") else f"embedded:{self.bus_path}"

    @property
    def blobs_path(self) -> Path:
        """The folder of blobs."""
        return self.data / "blobs"

    @property
    def blob_url(self) -> str:
        """Which blob store: `RAPPORT_BLOB_URL` when it names S3, otherwise the folder in the data folder."""
        url = self.env.get("RAPPORT_BLOB_URL", "")
        return url if url.startswith("s3:") else f"file:{self.blobs_path}"

    @property
    def on_postgres(self) -> bool:
        """Whether the databases are on a PostgreSQL server; otherwise they are files of the data folder."""
        return self.env.get("RAPPORT_DATABASE_URL", "").startswith("postgresql:")

    @property
    def on_disk(self) -> bool:
        """Whether anything that is kept is in files of the data folder."""
        return not (self.several_workers and self.blob_url.startswith("s3:"))

    @property
    def several_workers(self) -> bool:
        """Whether a service may have more than one worker: only where neither its database nor the bus is a file."""
        return self.on_postgres and self.bus_url.startswith("kafka:")

    def database_path(self, name: str) -> Path:
        """A service's database file."""
        return self.data / f"{name}.sqlite"

    def database_url(self, name: str) -> str:
        """A service's database, for `open_database`; `RAPPORT_DATABASE_PASSWORD` is its password if the URL has none."""
        if not self.on_postgres:
            return f"sqlite:///{self.database_path(name)}"
        from sqlalchemy.engine import make_url

        url = make_url(self.env["RAPPORT_DATABASE_URL"].replace(_PLACE, name))
        if url.password is None:
            url = url.set(password=self.env.get("RAPPORT_DATABASE_PASSWORD") or None)
        return url.render_as_string(hide_password=False)

    def identity_key(self) -> str:
        """What identities are signed with: `RAPPORT_IDENTITY_KEY`, or made once and kept in the data folder."""
        if key := self.env.get("RAPPORT_IDENTITY_KEY"):
            return key
        path = self.data / "identity.key"
        if not path.is_file():
            self.data.mkdir(parents=True, exist_ok=True)
            _make_key(path)
        return path.read_text()


def _make_key(path: Path) -> None:
    """Whole or not there, and the first of two processes wins: written aside, then linked into place."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. Raises `Misconfigured`."""
    env = dict(os.environ if env is None else env)
    _refuse_other_engines(env)
    _refuse_wrong_database(env.get("RAPPORT_DATABASE_URL", ""))
    metrics = env.get("RAPPORT_METRICS_PORT")
    return Settings(
        data=Path(env.get("RAPPORT_DATA", "./data")).resolve(),
        port=_port("RAPPORT_PORT", env.get("RAPPORT_PORT", "8080")),
        metrics_port=_port("RAPPORT_METRICS_PORT", metrics) if metrics else None,
        host=env.get("RAPPORT_HOST", "127.0.0.1"),
        urls=_service_urls(env),
        env=env,
    )


def _port(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()) or int(value) > _LONGEST_PORT:
        raise Misconfigured(f"{name} must be a port number, not {value!r}")
    return int(value)


def _service_urls(env: Mapping[str, str]) -> dict[str, str]:
    urls = {}
    for key, value in env.items():
        if key.startswith("RAPPORT_SERVICE_") and key.endswith("_URL") and value:
            urls[key.removeprefix("RAPPORT_SERVICE_").removesuffix("_URL").lower()] = value
    return urls


def _refuse_other_engines(env: Mapping[str, str]) -> None:
    """A URL of an engine that is not built in must not be taken silently for the embedded one."""
    for name, schemes in _ENGINES.items():
        value = env.get(f"RAPPORT_{name}_URL")
        if value and not value.startswith(schemes):
            known = " and ".join(schemes)
            raise Misconfigured(
                f"RAPPORT_{name}_URL: only {known} is known to this version, not {value.split(':')[0]}:"
            )


def _refuse_wrong_database(url: str) -> None:
    """What is wrong is said without the URL: a password stands in it."""
    if not url.startswith("postgresql:"):
        return
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        database = make_url(url).database or ""
    except (ArgumentError, ValueError):
        database = ""
    if not url.startswith("postgresql://") or _PLACE not in database:
        raise Misconfigured(
            f"RAPPORT_DATABASE_URL must be postgresql://user@host:5432/rapport_{_PLACE}: "
            "every service has a database of its own"
        )
