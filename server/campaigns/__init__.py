"""Campaigns over the API, and how a trigger event becomes coupons: decide, issue, redeem."""
