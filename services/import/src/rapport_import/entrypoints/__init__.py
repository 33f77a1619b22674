"""How the world reaches imports: HTTP, topics, jobs."""
