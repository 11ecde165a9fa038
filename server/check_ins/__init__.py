"""Visits: till scans online and offline, store QR codes, dwells; evidence, trust and undo."""
