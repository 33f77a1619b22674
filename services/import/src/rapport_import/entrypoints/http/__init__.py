"""The HTTP face of imports."""
