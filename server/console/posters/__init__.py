"""Posters and cards for printing."""
