"""SMS providers, one file a technology."""
