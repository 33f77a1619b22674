"""Where the outside comes in: HTTP, topics, jobs and the worker's tasks."""
