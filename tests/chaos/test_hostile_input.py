"""R13: every operation of the merged OpenAPI document under generated input: no 5xx, no answer outside the schema."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from rapport_testkit.installation import installed
from tests.chaos.killing import LONG

EXAMPLES = 60 if LONG else 5
PHASES = "examples,coverage,fuzzing,stateful" if LONG else "examples,fuzzing"
CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance"
# These would end the key's own session or never end themselves.
LEFT_OUT = "/live|/auth/|/api-keys"


@pytest.mark.timeout(3_600 if LONG else 240)
async def test_no_generated_input_brings_a_server_error_or_an_answer_outside_the_schema(tmp_path: Path) -> None:
    """R13."""
    async with installed(
        tmp_path / "data", {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}
    ) as installation:
        client = await installation.client()
        key = (await client.post("/api-keys", {"name": "fuzz"}, expect=201))["key"]
        group = await client.post("/groups", {"name": "Everybody"}, expect=201)
        person = {"kind": "person", "first_name": "Reza", "groups": [group["id"]]}
        await client.post("/customers", person, expect=201)
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{installation.url}/api/v1/openapi.json"]
        command += ["--header", f"Authorization: Bearer {key}", "--max-examples", str(EXAMPLES), "--phases", PHASES]
        command += ["--checks", CHECKS, "--exclude-path-regex", LEFT_OUT, "--seed", "1", "--workers", "2"]
        process = await asyncio.create_subprocess_exec(
            *command,
            "--continue-on-failure",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=tmp_path,
        )
        said, _ = await process.communicate()
        report = said.decode()
        print(report[-1_500:])
        assert "Test cases:" in report, report[-3_000:]
        assert process.returncode == 0, report[-12_000:]
        await installation.until_ready()
