"""Reading files: what they are, whether they may be opened, and their rows."""
