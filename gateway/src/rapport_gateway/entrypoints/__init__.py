"""How the gateway is reached: one raw ASGI application."""
