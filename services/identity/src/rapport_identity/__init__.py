"""Users, roles, sign-ins, API keys, settings, audit."""
