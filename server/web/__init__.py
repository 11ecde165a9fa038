"""HTTP plumbing that every feature shares: access, bodies, idempotency, writes, problems, the API's description."""
