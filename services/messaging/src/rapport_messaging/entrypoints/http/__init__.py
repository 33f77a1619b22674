"""The HTTP routes of messaging, one file a resource."""
