"""What a backup consists of, so that a damaged one is refused before anything is restored from it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rapport_host.settings import Misconfigured

_FORMAT = 1
_NAME = "manifest.json"


def write_manifest(folder: Path) -> None:
    """List every file of `folder` with its hash, in the folder."""
    files = {str(path.relative_to(folder)): _hash(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    manifest = {"format": _FORMAT, "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "files": files}
    (folder / _NAME).write_text(json.dumps(manifest, indent=1))


def checked_manifest(source: Path) -> dict[str, Any]:
    """`made_at` and `files` of the backup in `source`. Raises `Misconfigured` when a file is not what was written."""
    path = source / _NAME
    if not path.is_file():
        raise Misconfigured(f"{source} is not a backup of Rapport ({_NAME} is missing)")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        raise Misconfigured(f"the backup is damaged: {_NAME} is not what was written") from error
    if manifest["format"] != _FORMAT:
        raise Misconfigured(f"this backup has format {manifest['format']}; this version reads {_FORMAT}")
    for name, expected in manifest["files"].items():
        if not (source / name).is_file() or _hash(source / name) != expected:
            raise Misconfigured(f"the backup is damaged: {name} is not what was written")
    return manifest


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
