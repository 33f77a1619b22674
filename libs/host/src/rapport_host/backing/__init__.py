"""Backup and restore: one instant of every database, the bus and the blobs, while everything runs (G6)."""
