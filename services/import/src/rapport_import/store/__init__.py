"""Tables and queries of the import service."""
