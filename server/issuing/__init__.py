"""From an event to its coupons, decisions and messages, and what becomes of messages that wait."""
