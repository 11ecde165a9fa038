"""Small generic parts: database, named SQL, batching, clock, ids, sealing. No word of the domain lives here."""
