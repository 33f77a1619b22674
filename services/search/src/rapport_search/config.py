"""Search's settings from the environment: which engine, and where it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rapport_chassis.adapters import WrongSetting

VARIABLE: Final = "RAPPORT_SEARCH_URL"
EMBEDDED: Final = "tantivy"


def engine_url(env: Mapping[str, str], data: str) -> str:
    """`RAPPORT_SEARCH_URL`; without it the embedded engine, in the folder `search` of the data folder."""
    return env.get(VARIABLE) or f"{EMBEDDED}://{Path(data).resolve() / 'search'}"


def embedded_folder(url: str) -> Path:
    """The folder of `tantivy:///path`. Raises `WrongSetting` for an engine that is not known."""
    scheme, _, path = url.partition("://")
    if scheme != EMBEDDED or not path.startswith("/"):
        raise WrongSetting(f"{VARIABLE} must be {EMBEDDED}:///folder, opensearch://… or opensearch+https://…")
    return Path(path)
