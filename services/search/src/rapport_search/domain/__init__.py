"""What an index holds of a customer and what a search is, in words of neither engine."""
