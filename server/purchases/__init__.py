"""What tills report of shopping: purchases, refunds, and points that are spent."""
