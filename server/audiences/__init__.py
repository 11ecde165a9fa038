"""Audiences: who is meant, written as a tree, counted before a campaign uses it."""
