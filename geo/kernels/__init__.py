"""Loops over numbers that run as machine code: which fences hold which fixes, and what a device's fixes come to there.

Nothing but numbers and arrays goes in and comes out. Import what is in here where it is first needed, inside the
function: numba takes a quarter of a second, which commands that match no fixes need not spend.
"""
