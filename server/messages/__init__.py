"""What a campaign's message says, and to whom and by which channel it goes."""
