"""The child process that reads files: limited in memory, time and file size, so that no file harms the service (R13)."""
