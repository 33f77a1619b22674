"""The verbs of customers: one function a use case, of a transaction, a caller and a command."""
