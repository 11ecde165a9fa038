"""E-mail of campaigns: what a program must tell before it sends any, consent to it, its links, and what comes back."""
