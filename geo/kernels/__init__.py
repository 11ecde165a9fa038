"""Loops over numbers that run as machine code (`geo.compiled`): which fences hold which fixes, and what comes of it.

Nothing but numbers and arrays goes in and comes out. Machine code writes beyond the end of an array without a word:
make each large enough for whatever may come, or `double` it.
"""
