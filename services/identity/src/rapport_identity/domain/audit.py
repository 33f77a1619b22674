"""The actions the audit log knows (G3); nothing else is ever written to it."""

from __future__ import annotations

from typing import Final

ACTIONS: Final[frozenset[str]] = frozenset(
    {
        "sign_in",
        "sign_in_failed",
        "sign_in_locked_out",
        "sign_out",
        "session_revoked",
        "password_changed",
        "password_reset",
        "user_created",
        "user_changed",
        "user_deleted",
        "role_created",
        "role_changed",
        "role_deleted",
        "api_key_created",
        "api_key_deleted",
        "settings_changed",
        "export_read",
    }
)
