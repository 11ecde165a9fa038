"""Who may call what of the card in a browser, and of its settings: rows of the one table (server.web.access)."""

CARD_SETTINGS = (("GET", "/v1/program/card"), ("PUT", "/v1/program/card"))
OWN_DEVICES = (("GET", "/v1/me/devices"), ("DELETE", "/v1/me/devices/{device_id}"))
