"""A passkey as an authenticator without a person makes it: for demonstrations and tests alone."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

# Somebody was there and was verified, and a key follows (WebAuthn §6.1).
PRESENT_VERIFIED_WITH_KEY = 0x45


def made(issuer: str, begun: dict[str, Any]) -> dict[str, Any]:
    """The answer of `navigator.credentials.create`, without attestation."""
    options = begun["publicKey"]
    said = {"type": "webauthn.create", "challenge": options["challenge"], "origin": issuer, "crossOrigin": False}
    credential = os.urandom(32)
    data = (
        hashlib.sha256(options["rp"]["id"].encode()).digest()
        + bytes([PRESENT_VERIFIED_WITH_KEY])
        + bytes(4 + 16)
        + len(credential).to_bytes(2, "big")
        + credential
        + _public_key()
    )
    # CBOR (RFC 8949): {"fmt": "none", "attStmt": {}, "authData": data}.
    attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
    return {
        "id": _text(credential),
        "rawId": _text(credential),
        "type": "public-key",
        "response": {"clientDataJSON": _text(json.dumps(said).encode()), "attestationObject": _text(attestation)},
        "extensions": {},
    }


def _public_key() -> bytes:
    """COSE (RFC 9053 §7.1.1): a point of P-256, for ES256."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
    return b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
