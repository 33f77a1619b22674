"""What is in a blob store, for tests: the port itself lists nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from rapport_chassis.s3_settings import S3Settings
from rapport_testkit.engines.s3 import CREDENTIALS


def keys_of(url: str, prefix: str = "") -> list[str]:
    """The keys of the visible blobs that begin with `prefix` (a folder's, with `/`), without it, sorted."""
    if url.startswith("s3:"):
        return _keys_in_bucket(url, prefix)
    folder = Path(url.removeprefix("file:")) / prefix
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(str(path.relative_to(folder)) for path in found)


def unfinished_in(url: str) -> int:
    """How many puts that never ended take room."""
    if url.startswith("s3:"):
        settings, client = _opened(url)
        uploads = client.list_multipart_uploads(Bucket=settings.bucket, Prefix=settings.prefix)
        return len(uploads.get("Uploads", ()))
    return sum(path.is_file() for path in Path(url.removeprefix("file:")).rglob(".*"))


def _keys_in_bucket(url: str, prefix: str) -> list[str]:
    settings, client = _opened(url)
    below = settings.prefix + prefix
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=settings.bucket, Prefix=below)
    return sorted(one["Key"].removeprefix(below) for page in pages for one in page.get("Contents", ()))


@cache
def _opened(url: str) -> tuple[S3Settings, Any]:
    """Another client than the tested one; making it costs half a second."""
    settings = S3Settings.from_url(url, CREDENTIALS)
    return settings, settings.client()
