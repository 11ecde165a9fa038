"""A reference phone, a reference till, and the test vectors of docs/card-code.md."""
