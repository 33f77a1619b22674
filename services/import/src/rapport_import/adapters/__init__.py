"""What touches the world: files as they come, and the limited child processes that read them."""
