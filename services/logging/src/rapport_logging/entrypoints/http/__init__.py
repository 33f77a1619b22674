"""Logging over HTTP, one file a resource."""
