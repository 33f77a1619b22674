"""What crosses a service border: topics, events, the query tree, text normalisation."""
