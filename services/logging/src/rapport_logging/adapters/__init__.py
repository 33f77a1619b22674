"""What logging needs of others: customers says who may be seen."""
