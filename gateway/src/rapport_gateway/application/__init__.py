"""What the gateway does besides passing on: signing identities, watching topics, merging what services say."""
