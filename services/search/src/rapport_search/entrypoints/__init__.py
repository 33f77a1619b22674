"""How the outside reaches search: HTTP, topics, jobs."""
