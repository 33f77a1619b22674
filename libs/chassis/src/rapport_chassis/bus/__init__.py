"""The bus port and its adapters: Kafka, or a durable partitioned log in one SQLite file."""
