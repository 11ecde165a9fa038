"""What was bought at a till, and its receipts: written once, refunded, found again."""
