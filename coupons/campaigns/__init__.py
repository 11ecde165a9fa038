"""What a campaign says, and when time or staff start it."""
