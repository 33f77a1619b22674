"""Logging's tables and queries: SQLAlchemy Core, written once for both databases."""
