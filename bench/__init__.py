"""Measurements. Each prints its figures beside what they depend on, and claims nothing that it did not just measure."""
