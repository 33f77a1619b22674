"""How the world reaches customers: HTTP, topics, jobs."""
