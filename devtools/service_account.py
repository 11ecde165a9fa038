"""A service account of our own and the OAuth2 side that trusts it: what Google's token endpoint does, on this machine.

Source: https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# google-auth signs for this audience whatever the account's token_uri is.
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"
FCM_SCOPES = frozenset(
    {"https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform"}
)
WALLET_SCOPES = frozenset({"https://www.googleapis.com/auth/wallet_object.issuer"})


def make_service_account(token_uri: str, project_id: str = "noren-double") -> dict[str, str]:
    """Return a service account file's content with a fresh RSA key, as the Firebase console would hand it out."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "type": "service_account",
        "project_id": project_id,
        "private_key_id": secrets.token_hex(20),
        "private_key": pem.decode(),
        "client_email": f"sender@{project_id}.iam.gserviceaccount.com",
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": token_uri,
    }


class GrantError(Exception):
    """The assertion earns no access token; the text says why."""


@dataclass
class TokenIssuer:
    """Trades signed assertions for access tokens and knows which of those are still good."""

    account: dict[str, str]
    scopes: frozenset[str] = FCM_SCOPES
    lifetime_s: int = 3600
    refusing: bool = False
    issued_count: int = 0
    _good_until: dict[str, float] = field(default_factory=dict)

    def grant(self, grant_type: str, assertion: str) -> dict[str, Any]:
        """Return the token endpoint's JSON answer. Raises GrantError."""
        if self.refusing:
            raise GrantError("Invalid grant: account not found")
        if grant_type != GRANT_TYPE:
            raise GrantError(f"unsupported grant type {grant_type!r}")
        self._verify(assertion)
        token = f"ya29.{secrets.token_urlsafe(32)}"
        self._good_until[token] = time.monotonic() + self.lifetime_s
        self.issued_count += 1
        return {"access_token": token, "expires_in": self.lifetime_s, "token_type": "Bearer"}

    def accepts(self, access_token: str) -> bool:
        return self._good_until.get(access_token, 0.0) > time.monotonic()

    def revoke_all(self) -> None:
        self._good_until.clear()

    def _verify(self, assertion: str) -> None:
        private = serialization.load_pem_private_key(self.account["private_key"].encode(), password=None)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise GrantError("the account's key is not RSA")
        try:
            claims = jwt.decode(
                assertion,
                private.public_key(),
                algorithms=["RS256"],
                audience=[GOOGLE_AUDIENCE, self.account["token_uri"]],
                issuer=self.account["client_email"],
                options={"require": ["exp", "iat", "aud", "iss"]},
            )
        except jwt.InvalidTokenError as error:
            raise GrantError(f"Invalid JWT: {error}") from error
        if claims["exp"] - claims["iat"] > 3600:
            raise GrantError("Invalid JWT: it must be a short-lived token (60 minutes)")
        if not self.scopes & set(str(claims.get("scope", "")).split()):
            raise GrantError("Invalid OAuth scope: none that may do this")
