"""`./run demo`: a chain of coffee shops in Tokyo, with shoppers who use the real API over HTTP."""
