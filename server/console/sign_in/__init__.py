"""The way in to the console, and what keeps it shut."""
