"""docs/openapi.json says what the gateway serves: generated, committed, and current."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from rapport_testkit.installation import installed

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


async def test_the_committed_openapi_document_is_what_the_gateway_serves(tmp_path: Path) -> None:
    """When this fails: `make docs`, and look at what changed for those who write against the API."""
    async with installed(tmp_path / "data") as installation, httpx.AsyncClient() as client:
        served = (await client.get(f"{installation.url}/api/v1/openapi.json", timeout=60)).json()
    assert json.loads(COMMITTED.read_text()) == served
