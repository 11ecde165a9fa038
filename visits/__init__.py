"""Visits: recorded check-ins at a store, with their evidence."""
