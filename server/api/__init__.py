"""The routes: one thin controller per resource, its request and response structs beside it."""
