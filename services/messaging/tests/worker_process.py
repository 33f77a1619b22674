"""Messaging's worker as a process of its own, to be killed at any line: `python worker_process.py <folder> <env as JSON>`."""

import asyncio
import json
import sys
from pathlib import Path

from rapport_chassis.service import run_worker
from rapport_messaging.bootstrap import SERVICE
from rapport_testkit.service import running


async def main() -> None:
    async with running(SERVICE, Path(sys.argv[1]), env=json.loads(sys.argv[2])) as standing:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await run_worker(standing.runtime, standing.worker)


if __name__ == "__main__":
    asyncio.run(main())
