"""The nouns of an import and their rules: cells, targets, suggestions, settings, rows."""
