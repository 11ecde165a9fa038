"""Facebook Messenger: a program's page, its webhook, members who write to it, and answers within 24 hours."""
