"""The command line that runs Rapport: up, serve, check, backup, restore."""
