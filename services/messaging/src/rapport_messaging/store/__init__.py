"""Tables and set-based queries of messaging, written once for both databases."""
