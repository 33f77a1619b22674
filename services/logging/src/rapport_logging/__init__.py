"""Timeline entries, tags and the authenticity chains."""
