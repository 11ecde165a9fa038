"""Coupons: campaigns and their rules, issuing within caps, redemptions, codes on paper."""
