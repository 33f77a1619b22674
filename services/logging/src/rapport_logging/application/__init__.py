"""Logging's verbs: plain functions of a transaction and a command."""
