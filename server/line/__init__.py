"""LINE: a program's channel, its webhook, members' links with their accounts, and sign-in by a LIFF or MINI App."""
