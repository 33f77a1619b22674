"""Sign-in to signed identity, routing, limits, live stream, merged OpenAPI, the console."""
