"""The nouns of customers and their rules: pure functions of documents and definitions; no I/O, no clock, no framework."""
