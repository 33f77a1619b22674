"""The alembic history of the customers database."""
