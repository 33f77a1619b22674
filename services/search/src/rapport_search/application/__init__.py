"""What search does for its callers: searching, filters, viewing, feeding and mending indexes."""
