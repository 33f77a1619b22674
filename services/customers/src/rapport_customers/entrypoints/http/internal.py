"""/internal: what other services ask customers; never routed by the gateway."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.http import Reply, requires, runtime_of
from rapport_customers.application import read_customers
from rapport_customers.entrypoints.http import schemas

router = APIRouter(prefix="/internal/customers", tags=["internal"])


@router.post("/visible", response_model=schemas.Summaries)
async def visible(request: Request, body: schemas.FewIds, caller: Caller = requires()) -> Response:
    """Which of these ≤ 100 customers the caller may see, and their names."""
    found = await runtime_of(request).db.read(read_customers.summaries, caller, body.ids)
    return Reply.ok({"items": found}).render([]).response()
