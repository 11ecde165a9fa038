"""Campaigns and their rules, budgets, coupons and redemptions."""
