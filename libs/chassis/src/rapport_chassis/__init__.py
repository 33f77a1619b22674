"""What every service stands on: database, bus, outbox, consumers, HTTP habits, identity, jobs."""
