"""A Latchkey that was started for these tests, as environment variables describe it, and tokens that it did not issue."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import subprocess
import unittest
from collections.abc import Callable
from typing import Any

from latchkey import _http

#: The issuer, which is the address of the public listener.
URL = os.environ.get("LATCHKEY_URL", "")
INTERNAL_URL = os.environ.get("LATCHKEY_INTERNAL_URL", "")
CLIENT_ID = os.environ.get("LATCHKEY_CLIENT_ID", "")
CLIENT_SECRET = os.environ.get("LATCHKEY_CLIENT_SECRET", "")
#: The service that the client's tokens are for, with its token, and one that they are not for.
SERVICE = ("photos", os.environ.get("LATCHKEY_SERVICE_TOKEN", ""))
OTHER_SERVICE = ("mail", os.environ.get("LATCHKEY_OTHER_SERVICE_TOKEN", ""))
SCOPE = "albums:read"
EXPIRED_TOKEN = os.environ.get("LATCHKEY_EXPIRED_TOKEN", "")
#: Clients whose tokens are signed with ES256 and RS256: id, secret, and an expired token.
ES256_CLIENT, RS256_CLIENT = (
    tuple(os.environ.get(f"LATCHKEY_{name}_{part}", "") for part in ("CLIENT_ID", "CLIENT_SECRET", "EXPIRED_TOKEN"))
    for name in ("ES256", "RS256")
)
#: The cookie of a user's device; the user has access to the service.
COOKIE = os.environ.get("LATCHKEY_COOKIE", "")

needs_server = unittest.skipUnless(URL, "needs a server: cargo xtask test sdk")

Json = dict[str, Any]


def post(path: str, **form: str) -> bytes:
    """Posts a form as the client; the body of the response."""
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | form
    body = "&".join(f"{name}={value}" for name, value in form.items()).encode()
    response = _http.request(URL + path, {"Content-Type": "application/x-www-form-urlencoded"}, body)
    assert response.status == 200, response
    return response.body


def issue(client_id: str = CLIENT_ID, client_secret: str = CLIENT_SECRET) -> str:
    """A new access token."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    return str(json.loads(post("/oauth/token", **form))["access_token"])


def revoke(token: str) -> None:
    post("/oauth/revoke", token=token)


def rotate_keys() -> None:
    """Makes new keys for access tokens; the server reads them within ten seconds."""
    rotate = ["key", "rotate", "access_token", "--at-once"]
    subprocess.run([os.environ["LATCHKEY_BIN"], *rotate], check=True, stdout=subprocess.DEVNULL)


def header_of(token: str) -> Json:
    return dict(json.loads(_decode(token.split(".")[0])))


def tampered(token: str, **changes: object) -> str:
    """The token with other claims and the same signature."""
    return _changed(token, {}, changes, lambda _: _decode(token.split(".")[2]))


def unsigned(token: str) -> str:
    """The token with the algorithm `none` (RFC 8725 section 2.1)."""
    return _changed(token, {"alg": "none"}, {}, lambda _: b"")


def signed_with_the_public_key(token: str) -> str:
    """The token, signed with HS256 and the issuer's public key as the secret (RFC 8725 section 2.1)."""
    keys = json.loads(_http.request(f"{URL}/.well-known/jwks.json").body)["keys"]
    key = next(key for key in keys if key["kid"] == header_of(token)["kid"])
    secret = _decode(key["n"] if key["kty"] == "RSA" else key["x"])
    return _changed(token, {"alg": "HS256"}, {}, lambda text: hmac.digest(secret, text, hashlib.sha256))


def _changed(token: str, header: Json, claims: Json, sign: Callable[[bytes], bytes]) -> str:
    parts = [json.loads(_decode(part)) for part in token.split(".")[:2]]
    changed = [_encode(json.dumps(old | new).encode()) for old, new in zip(parts, (header, claims), strict=True)]
    text = ".".join(changed)
    return f"{text}.{_encode(sign(text.encode()))}"


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
