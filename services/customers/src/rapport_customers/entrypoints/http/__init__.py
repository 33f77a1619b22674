"""The HTTP routes of customers, one file a resource."""
