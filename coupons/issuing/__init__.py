"""Whether an event earns a coupon, and within which caps."""
