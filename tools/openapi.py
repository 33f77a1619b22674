"""Writes docs/openapi.json: the merged OpenAPI document as the gateway serves it, from the services' own applications."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from rapport_testkit.installation import installed

TARGET = Path(__file__).parent.parent / "docs" / "openapi.json"


async def main() -> int:
    """Write it; with --check only compare. The exit status."""
    import httpx

    with tempfile.TemporaryDirectory() as folder:
        async with installed(Path(folder) / "data") as installation, httpx.AsyncClient() as client:
            document = (await client.get(f"{installation.url}/api/v1/openapi.json", timeout=60)).json()
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if "--check" in sys.argv:
        current = TARGET.is_file() and TARGET.read_text() == text
        print("docs/openapi.json is current" if current else "docs/openapi.json is old: run make docs")
        return 0 if current else 1
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
