"""The floor of P8: a bare FastAPI POST that reads a form body and answers. `python -m tests.benchmarks.floor_post PORT`."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI, Request, Response

app = FastAPI()


@app.post("/hook")
async def hook(request: Request) -> Response:
    """Read and answer."""
    await request.body()
    return Response(status_code=204)


@app.get("/healthz")
async def healthz() -> Response:
    """Up."""
    return Response(status_code=200)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off")
