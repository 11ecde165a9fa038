"""Clients of our own servers, which speak plain HTTP."""

import ssl

# To load the certificates of everybody on the web takes each client as long as a dozen requests.
TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
