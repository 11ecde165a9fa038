"""The telephone: a program's account with providers, numbers on posters, and what providers report."""
