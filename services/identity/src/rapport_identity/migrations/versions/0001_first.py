"""The tables identity begins with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rapport_chassis.migrate import create_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Text, Integer, Boolean, Instant = sa.Text, sa.Integer, sa.Boolean, sa.BigInteger


def upgrade() -> None:
    create_chassis_tables(op.get_bind())
    _people()
    _credentials()
    _rest()


def _people() -> None:
    op.create_table(
        "counter",
        sa.Column("id", Integer, primary_key=True),
        sa.Column("value", Integer, nullable=False),
    )
    op.create_table(
        "users",
        sa.Column("id", Text, primary_key=True),
        sa.Column("username", Text, nullable=False),
        sa.Column("username_key", Text, unique=True),
        sa.Column("name", Text),
        sa.Column("email", Text),
        sa.Column("roles", Text, nullable=False),
        sa.Column("group_access", Text, nullable=False),
        sa.Column("disabled", Boolean, nullable=False),
        sa.Column("removed", Boolean, nullable=False),
        sa.Column("password_hash", Text, nullable=False),
        sa.Column("must_change_password", Boolean, nullable=False),
        sa.Column("last_sign_in_at", Instant),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", Integer, nullable=False),
    )
    op.create_table(
        "user_roles",
        sa.Column("role_id", Text, primary_key=True),
        sa.Column("user_id", Text, sa.ForeignKey("users.id"), primary_key=True),
    )
    op.create_table(
        "roles",
        sa.Column("id", Text, primary_key=True),
        sa.Column("name", Text, nullable=False),
        sa.Column("name_key", Text, unique=True),
        sa.Column("permissions", Text, nullable=False),
        sa.Column("group_access", Text),
        sa.Column("built_in", Boolean, nullable=False),
        sa.Column("removed", Boolean, nullable=False),
        sa.Column("version", Integer, nullable=False),
    )


def _credentials() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", Text, primary_key=True),
        sa.Column("token_hash", Text, nullable=False, unique=True),
        sa.Column("user_id", Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("csrf_token", Text, nullable=False),
        sa.Column("ip", Text),
        sa.Column("user_agent", Text),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("last_seen_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_index("sessions_by_user", "sessions", ["user_id", "id"])
    op.create_index("sessions_by_age", "sessions", ["last_seen_at"])
    op.create_table(
        "api_keys",
        sa.Column("id", Text, primary_key=True),
        sa.Column("user_id", Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("key_hash", Text, unique=True),
        sa.Column("hint", Text, nullable=False),
        sa.Column("permissions", Text),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("last_used_at", Instant),
        sa.Column("removed", Boolean, nullable=False),
        sa.Column("version", Integer, nullable=False),
    )
    op.create_index("api_keys_by_user", "api_keys", ["user_id", "id"])


def _rest() -> None:
    op.create_table(
        "settings",
        sa.Column("id", Text, primary_key=True),
        sa.Column("region", Text, nullable=False),
        sa.Column("time_zone", Text, nullable=False),
        sa.Column("language", Text, nullable=False),
        sa.Column("calendar", Text, nullable=False),
        sa.Column("version", Integer, nullable=False),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", Text, primary_key=True),
        sa.Column("failures", Integer, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("locked_until", Instant),
    )
    op.create_index("sign_in_attempts_by_age", "sign_in_attempts", ["last_at"])
    op.create_table(
        "audit",
        sa.Column("id", Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("action", Text, nullable=False),
        sa.Column("actor_id", Text),
        sa.Column("via", Text),
        sa.Column("subject_type", Text),
        sa.Column("subject_id", Text),
        sa.Column("ip", Text),
        sa.Column("request_id", Text),
        sa.Column("details", Text, nullable=False),
    )
    op.create_index("audit_by_action", "audit", ["action", "id"])
    op.create_index("audit_by_actor", "audit", ["actor_id", "id"])
    op.create_index("audit_by_subject", "audit", ["subject_id", "id"])
    op.create_index("audit_by_age", "audit", ["at"])
