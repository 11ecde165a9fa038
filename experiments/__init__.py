"""Experiments: who is held out, which variant a member gets, and what came of it."""
