"""Messaging's alembic history, one for both databases."""
