"""How a request reaches a service that is not in this process."""
