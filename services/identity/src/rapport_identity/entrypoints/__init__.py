"""How identity is reached: HTTP."""
