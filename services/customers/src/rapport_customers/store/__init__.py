"""Tables and queries of customers: SQLAlchemy Core, written once for both databases."""
