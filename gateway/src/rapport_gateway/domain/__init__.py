"""The gateway's rules: where a path goes, how much is too much, what a subscriber may see. No I/O."""
