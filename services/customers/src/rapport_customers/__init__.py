"""Customers, contacts, groups, custom fields."""
