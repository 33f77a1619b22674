"""Search's settings from the environment: which engine, and where its files are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def index_folder(env: Mapping[str, str], data: str) -> Path:
    """The folder of the embedded engine: `RAPPORT_SEARCH_URL` as `file:///path`, else `search` in the data folder.

    Raises `ValueError` for an engine that is not known.
    """
    url = env.get("RAPPORT_SEARCH_URL", "")
    if not url:
        return Path(data) / "search"
    if not url.startswith("file://"):
        raise ValueError(f"RAPPORT_SEARCH_URL: this engine is not known: {url.split(':', 1)[0]}")
    return Path(url.removeprefix("file://"))
