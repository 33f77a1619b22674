"""What can be done with an import: upload, look at it, decide, run, read what became of it."""
