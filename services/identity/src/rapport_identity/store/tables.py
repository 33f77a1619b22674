"""The tables of identity. What was deleted stays as a tombstone (`removed`), because its state is still to be published."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, Table, Text

from rapport_chassis.tables import Instant, Json, chassis_tables

metadata = MetaData()
chassis = chassis_tables(metadata)

# One counter numbers the versions of all documents, so that "rights version n" means: everything up to n is known.
counter = Table("counter", metadata, Column("id", Integer, primary_key=True), Column("value", Integer, nullable=False))

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False),
    Column("username_key", Text, unique=True),  # null for a tombstone: the name is free again
    Column("name", Text),
    Column("email", Text),
    Column("roles", Json, nullable=False),
    Column("group_access", Json, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("last_sign_in_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
)

user_roles = Table(
    "user_roles",
    metadata,
    Column("role_id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id"), primary_key=True),
)

roles = Table(
    "roles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, unique=True),
    Column("permissions", Json, nullable=False),
    Column("group_access", Json),
    Column("built_in", Boolean, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("user_id", Text, ForeignKey("users.id"), nullable=False),
    Column("csrf_token", Text, nullable=False),
    Column("ip", Text),
    Column("user_agent", Text),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("sessions_by_user", "user_id", "id"),
    Index("sessions_by_age", "last_seen_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key_hash", Text, unique=True),  # null for a tombstone
    Column("hint", Text, nullable=False),
    Column("permissions", Json),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("removed", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index("api_keys_by_user", "user_id", "id"),
)

settings = Table(
    "settings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("locked_until", Instant),
    Index("sign_in_attempts_by_age", "last_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor_id", Text),
    Column("via", Text),
    Column("subject_type", Text),
    Column("subject_id", Text),
    Column("ip", Text),
    Column("request_id", Text),
    Column("details", Json, nullable=False),
    Index("audit_by_action", "action", "id"),
    Index("audit_by_actor", "actor_id", "id"),
    Index("audit_by_subject", "subject_id", "id"),
    Index("audit_by_age", "at"),
)
