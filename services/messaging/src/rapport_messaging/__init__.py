"""Messages, templates, consent and providers."""
