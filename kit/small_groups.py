"""How many people are told of to whom may not see each of them. Pure.

A number that narrows down to one person is a fact of that person: so such numbers go in steps, and few are none.
"""

SMALLEST_GROUP = 10


def in_steps(people: int) -> int:
    """Rounded down; fewer than ten are 0."""
    return people - people % SMALLEST_GROUP
