"""Member cards: their numbers, their codes and how they are shown."""
