"""Alembic history of the import service's database."""
