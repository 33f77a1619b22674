"""Signing in and out, who am I, one's own password and sessions."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.http import public, requires, runtime_of
from rapport_chassis.problems import Problem
from rapport_identity.application import passwords, sessions
from rapport_identity.application import roles as role_views
from rapport_identity.application.settings import get_settings
from rapport_identity.application.sign_in import SignedIn
from rapport_identity.application.users import get_user
from rapport_identity.application.users import view as user_view
from rapport_identity.entrypoints.http import schemas
from rapport_identity.entrypoints.http.requests import db_of, origin_of, parts_of, session_of
from rapport_identity.store import roles
from rapport_identity.store import sessions as stored
from rapport_identity.store.connection import Connection

COOKIE = "rapport_session"
router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/sign-in", dependencies=[public()], response_model=schemas.SignedInOut)
async def sign_in(request: Request, response: Response, body: schemas.SignInBody) -> Any:
    """Open a session: its token is in the cookie `rapport_session`. 401 `invalid_credentials`, 429 `locked_out`."""
    keeper = parts_of(request).doorkeeper
    agent = request.headers.get("user-agent")
    signed_in = await keeper.sign_in(body.username, body.password, origin_of(request), agent)
    _set_cookie(request, response, signed_in)
    return {"user": user_view(signed_in.user), "csrf_token": signed_in.csrf_token}


@router.post("/sign-out", status_code=204)
async def sign_out(request: Request, response: Response, caller: Caller = requires()) -> None:
    """End this session; the cookie is taken back."""
    session_id = session_of(request)
    if session_id is not None:
        await db_of(request).write(sessions.sign_out, caller.id, session_id, origin_of(request, caller))
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.get("/me", response_model=schemas.MeOut)
async def who_am_i(request: Request, caller: Caller = requires()) -> Any:
    """The caller's user, roles, permissions, the workspace's settings, and the CSRF token of the session."""
    return await db_of(request).read(_me, caller, session_of(request))


@router.post("/password", status_code=204)
async def change_password(request: Request, body: schemas.PasswordBody, caller: Caller = requires()) -> None:
    """Change one's own password; one's other sessions end. 401 `invalid_credentials`, 422 `validation_failed`."""
    if caller.via.startswith("api_key:"):
        raise Problem("forbidden", "An API key cannot change the password of its user.", status=403)
    keeper, origin = parts_of(request).doorkeeper, origin_of(request, caller)
    user = await keeper.confirm(caller.id, body.old, origin)
    passwords.refuse_same(body.old, body.new)
    passwords.check_new(body.new, username=user.username, field="new")
    hashed = await keeper.hash(body.new)
    await db_of(request).write(passwords.change_own, user, hashed, session_of(request), origin)


@router.get("/sessions", response_model=schemas.SessionList)
async def list_sessions(request: Request, caller: Caller = requires()) -> Any:
    """The caller's sign-ins that still count, newest first."""
    now, policy = runtime_of(request).clock.now(), parts_of(request).config.sessions
    found = await db_of(request).read(sessions.own_sessions, caller.id, now, policy)
    current = session_of(request)
    return {"items": [_session(one, current) for one in found], "next": None}


@router.delete("/sessions/{session_id}", status_code=204)
async def revoke_session(request: Request, session_id: str, caller: Caller = requires()) -> None:
    """End one of the caller's own sessions."""
    await db_of(request).write(sessions.revoke, caller.id, session_id, origin_of(request, caller))


@router.post("/sessions:revoke-others", status_code=204)
async def revoke_others(request: Request, caller: Caller = requires()) -> None:
    """End every session of the caller but this one."""
    await db_of(request).write(sessions.revoke_others, caller.id, session_of(request), origin_of(request, caller))


def _me(conn: Connection, caller: Caller, session_id: str | None) -> dict[str, Any]:
    user = get_user(conn, caller.id)
    session = stored.get(conn, session_id) if session_id else None
    return {
        "user": user_view(user),
        "roles": [role_views.view(role) for role in roles.live(conn, user.roles)],
        "permissions": sorted(caller.permissions),
        "settings": get_settings(conn),
        "csrf_token": session.csrf_token if session else None,
        "password_change_required": user.must_change_password,
    }


def _session(session: stored.Session, current: str | None) -> dict[str, Any]:
    shown = ("id", "ip", "user_agent", "created_at", "last_seen_at", "expires_at")
    return {name: getattr(session, name) for name in shown} | {"current": session.id == current}


def _set_cookie(request: Request, response: Response, signed_in: SignedIn) -> None:
    config = parts_of(request).config
    response.set_cookie(
        COOKIE,
        signed_in.token,
        max_age=int(config.sessions.lifetime.total_seconds()),
        path="/",
        httponly=True,
        secure=config.secure_cookies,
        samesite="lax",
    )
