"""One alembic history for both databases."""
