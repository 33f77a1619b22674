"""Webhooks of the provider: signed, read by hand, durable before the answer, harmless when repeated (M6, P8, R6)."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from rapport_chassis.http import public
from rapport_chassis.problems import Problem
from rapport_messaging.entrypoints.http.parts import parts_of

router = APIRouter(tags=["webhooks"])
_MOST_BYTES: Final = 64 * 1024
_NO_REPLY: Final = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


@router.post("/webhooks/twilio/status", status_code=204)
async def twilio_status(request: Request, _: None = public()) -> Response:
    """A status callback of Twilio. 403 `signature_invalid`."""
    parts = parts_of(request)
    report = parts.webhooks.status(*await _said(request))
    if report is not None:
        await parts.reports.put(report)
    return Response(status_code=204)


@router.post("/webhooks/twilio/inbound")
async def twilio_inbound(request: Request, _: None = public()) -> Response:
    """An incoming SMS from Twilio; the answer (empty TwiML) sends nothing back. 403 `signature_invalid`."""
    parts = parts_of(request)
    await parts.incoming.put(parts.webhooks.inbound(*await _said(request)))
    return Response(_NO_REPLY, media_type="text/xml")


async def _said(request: Request) -> tuple[str, str, bytes, str]:
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > _MOST_BYTES:
        raise _too_large()
    body = await request.body()
    if len(body) > _MOST_BYTES:
        raise _too_large()
    scope = request.scope
    return scope["path"], scope["query_string"].decode("latin-1"), body, request.headers.get("x-twilio-signature", "")


def _too_large() -> Problem:
    return Problem("too_large", "A webhook is not that large.", status=413)
