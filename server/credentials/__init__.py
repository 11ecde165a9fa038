"""The card as a credential: signing keys, the phone's key and its certificate, TOTP, revocation."""
