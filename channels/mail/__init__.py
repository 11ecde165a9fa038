"""E-mail: connections to a mail server, what stands around the words, what mailboxes report."""
