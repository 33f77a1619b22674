"""The mark of a migration in the data folder: how far it is, and so which engines this installation may be started on.

One of two installations that hold the same data must never run: both would send.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from rapport_chassis.ids import new_id
from rapport_host.settings import Misconfigured, Settings

_FILE = "moved.json"
State = Literal["restored", "copying", "switching", "finished"]


@dataclass(frozen=True)
class Mark:
    """`engines`: what moves (`DATABASE`, `BUS`, `BLOB`, `SEARCH`) and where to, without passwords; `moved`: what has moved.

    While it is `copying` the files are the truth, and whatever was copied may be thrown away. `topics` are the incarnations of
    those that this migration found empty: what they hold now is its own. `switching`: all is copied and checked, neither side
    may be used. `finished`: the engines are the truth, and the files a backup. `restored`: a backup was put here that is to move
    to engines; nothing was copied yet.
    """

    id: str = field(default_factory=new_id)
    state: State = "copying"
    engines: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    at: str = ""

    def finished(self, data: Path) -> Mark:
        """The mark of the migration's end, durable when it returns."""
        return self.saved(data, state="finished", engines={}, topics={}, moved={**self.moved, **self.engines})

    def saved(self, data: Path, **changes: object) -> Mark:
        """The mark with `changes`, durable when it returns."""
        mark = replace(self, **changes, at=datetime.now(UTC).isoformat(timespec="seconds"))  # type: ignore[arg-type]
        aside = data / f".{_FILE}"
        with aside.open("w") as file:
            json.dump(asdict(mark), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(data / _FILE)
        folder = os.open(data, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return mark


def read_mark(data: Path) -> Mark | None:
    """The mark of the data folder; None when nothing ever moved out of it."""
    path = data / _FILE
    return Mark(**json.loads(path.read_text())) if path.is_file() else None


def chosen_engines(settings: Settings) -> dict[str, str]:
    """Which of the engines are not the embedded ones, and where they are, without passwords."""
    chosen = {"DATABASE": settings.on_postgres, "BUS": settings.bus_url.startswith("kafka:")}
    chosen["BLOB"] = settings.blob_url.startswith("s3:")
    chosen["SEARCH"] = settings.env.get("RAPPORT_SEARCH_URL", "").startswith("opensearch")
    return {name: _shown(settings.env[f"RAPPORT_{name}_URL"]) for name, it_is in chosen.items() if it_is}


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def refuse_wrong_side(settings: Settings) -> None:
    """Raises `Misconfigured` when the engines of the environment are not those that hold the truth."""
    if words := wrong_side(settings):
        raise Misconfigured(words)


def wrong_side(settings: Settings) -> str | None:
    """Why this installation must not be started with these settings; None when it may."""
    mark = read_mark(settings.data)
    if mark is None:
        return None
    chosen = chosen_engines(settings)
    if missed := [name for name in mark.moved if name not in chosen]:
        return _moved(settings, mark, missed)
    if mark.state == "restored" and chosen:
        return "a backup was restored here that has not moved to the engines yet: run “rapport migrate”, or unset their variables"
    if mark.state == "switching" or mark.engines.keys() & chosen.keys():
        return f"a migration to {', '.join(mark.engines.values())} is unfinished: run “rapport migrate” again" + (
            "" if mark.state == "switching" else ", or unset the engines' variables to go on as before"
        )
    return None


def _moved(settings: Settings, mark: Mark, missed: list[str]) -> str:
    names = " and ".join(f"RAPPORT_{name}_URL ({mark.moved[name]})" for name in missed)
    return (
        f"this installation has moved; set {names}. What is in {settings.data} is a backup of before: to go back to it, "
        f"and lose what was done since, stop the moved one and remove {settings.data / _FILE}"
    )
