"""Logging's nouns and their rules: no I/O, no clock, no framework."""
