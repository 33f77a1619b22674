"""How a request reaches a service: within the process, or over HTTP."""
