"""An S3 server that checks signatures (versitygw on a folder), built by Go from sources that its checksum pins."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from rapport_testkit.engines.cache import kept, program, run
from rapport_testkit.engines.engine import Engine, EngineMissing
from rapport_testkit.engines.ports import free_port
from rapport_testkit.engines.process import own_folder, start_server

VERSION: Final = "1.8.0"
BUCKET: Final = "rapport"
CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "rapport", "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-tests"}
_MODULE: Final = "github.com/versity/versitygw"
_SUM: Final = "h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc="


def start(port: int | None = None, folder: Path | None = None) -> Engine:
    """A server with one empty bucket, which lets in `CREDENTIALS`. Raises `EngineMissing`, `EngineDidNotStart`."""
    binary = kept(f"versitygw-{VERSION}", None, _build) / "versitygw"
    folder, port = folder or own_folder("s3"), port or free_port()
    for name in (f"buckets/{BUCKET}", "facts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    address = f"127.0.0.1:{port}"
    serve: list[str | Path] = [binary, "--port", address, "--health", "/health", "--quiet", "--keep-alive", "posix"]
    server = start_server(
        "s3",
        [*serve, "--sidecar", folder / "facts", folder / "buckets"],
        folder=folder,
        answers=lambda: _answers(address),
        env={
            "ROOT_ACCESS_KEY": CREDENTIALS["AWS_ACCESS_KEY_ID"],
            "ROOT_SECRET_KEY": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        },
    )
    return Engine("s3", f"s3://{BUCKET}?endpoint=http://{address}", server)


def _build(folder: Path) -> None:
    go = program("go", "Go (https://go.dev/dl), or set RAPPORT_ENGINE_S3 to the URL of a server")
    run([go, "install", "-ldflags=-s -w", f"{_MODULE}/cmd/versitygw@v{VERSION}"], GOBIN=str(folder))
    built = subprocess.run([go, "version", "-m", folder / "versitygw"], capture_output=True, text=True, check=True)
    if _SUM not in built.stdout:
        raise EngineMissing(f"versitygw {VERSION} was not built of the sources that were pinned: {_SUM}")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
