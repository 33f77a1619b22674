"""Identity's nouns and their rules, without I/O, clock or framework."""
