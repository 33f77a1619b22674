"""The nouns of messaging and their rules: no I/O, no clock, no framework."""
