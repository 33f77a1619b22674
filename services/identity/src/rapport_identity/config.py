"""What identity takes from the environment, read once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from rapport_identity.domain.sessions import SessionPolicy


@dataclass(frozen=True, slots=True)
class Config:
    """`preset_password`: the first password of `master`. `secret` derives what is shown once, so that a repeat shows it again."""

    preset_password: str | None = None
    secure_cookies: bool = False
    sessions: SessionPolicy = field(default_factory=SessionPolicy)
    audit_kept: timedelta = timedelta(days=730)
    secret: str = field(default_factory=secrets.token_hex, repr=False)


def read_config(env: Mapping[str, str], data: str = "") -> Config:
    """The configuration in `env`.

    `RAPPORT_MASTER_PASSWORD`, `RAPPORT_PUBLIC_URL` (https: secure cookies), `RAPPORT_SESSION_HOURS` (lifetime, 336),
    `RAPPORT_SESSION_IDLE_HOURS` (24), `RAPPORT_AUDIT_DAYS` (730), `RAPPORT_IDENTITY_KEY` (else `identity.key` in `data`).
    """
    return Config(
        preset_password=env.get("RAPPORT_MASTER_PASSWORD") or None,
        secure_cookies=env.get("RAPPORT_PUBLIC_URL", "").startswith("https:"),
        sessions=SessionPolicy(
            lifetime=timedelta(hours=float(env.get("RAPPORT_SESSION_HOURS", "336"))),
            idle=timedelta(hours=float(env.get("RAPPORT_SESSION_IDLE_HOURS", "24"))),
        ),
        audit_kept=timedelta(days=float(env.get("RAPPORT_AUDIT_DAYS", "730"))),
        secret=env.get("RAPPORT_IDENTITY_KEY") or _kept_key(Path(data, "identity.key")) or secrets.token_hex(),
    )


def _kept_key(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None
