"""How the API describes itself: the OpenAPI document, made from the routes, their types and their examples."""
