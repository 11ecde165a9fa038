"""Members, their consents, devices and handles."""
