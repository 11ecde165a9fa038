"""Messages to a phone number or an e-mail address: how they are written, kept until they are out, and sent."""
