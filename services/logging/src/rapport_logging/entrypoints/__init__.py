"""Where requests and records come in."""
