"""What the gateway takes from the environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from rapport_gateway.domain.limits import Rate


@dataclass(frozen=True, slots=True)
class Config:
    """Rates are per process: of one user or key, of one address, of one address's sign-ins."""

    per_user: Rate
    per_address: Rate
    sign_ins: Rate
    origins: frozenset[str] = frozenset()
    https: bool = False


def read_config(env: Mapping[str, str]) -> Config:
    """The configuration in `env`; rates as `per_second/burst`, `0/0` for none.

    `RAPPORT_RATE_USER` (1000/5000), `RAPPORT_RATE_ADDRESS` (2000/10000), `RAPPORT_RATE_SIGN_IN` (1/60), `RAPPORT_PUBLIC_URL` and
    `RAPPORT_ALLOWED_ORIGINS` (comma-separated; pages of these origins may write).
    """
    public = env.get("RAPPORT_PUBLIC_URL", "")
    named = [origin.strip().rstrip("/") for origin in env.get("RAPPORT_ALLOWED_ORIGINS", "").split(",")]
    return Config(
        per_user=Rate.parse(env.get("RAPPORT_RATE_USER", "1000/5000")),
        per_address=Rate.parse(env.get("RAPPORT_RATE_ADDRESS", "2000/10000")),
        sign_ins=Rate.parse(env.get("RAPPORT_RATE_SIGN_IN", "1/60")),
        origins=frozenset(origin for origin in [*named, _origin(public)] if origin),
        https=public.startswith("https:"),
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
