"""Identity's verbs, one file a use case or a family of them: synchronous functions of a transaction and a command."""
