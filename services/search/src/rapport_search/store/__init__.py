"""Search's own tables: which indexes there are, saved filters, what users viewed."""
