"""The managers' pages: server-rendered, over the same flows as the API."""
