"""Receipts: what phones tell of the messages that they were sent, and how long messages take."""
