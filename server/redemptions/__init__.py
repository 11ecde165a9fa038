"""Coupons at the till: what they take off, and their use, once each."""
