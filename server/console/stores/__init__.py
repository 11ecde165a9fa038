"""A store's own page: opened, changed and closed."""
