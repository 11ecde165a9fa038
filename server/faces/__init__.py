"""What the three faces in a browser share: their Hosts, headers, templates, files and languages."""
