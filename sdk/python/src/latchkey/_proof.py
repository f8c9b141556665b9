"""Proofs of possession (RFC 9449): a token that is bound to a key is accepted with a proof of that key."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ._keys import REQUIRED_MEMBERS, Key, parse_key
from ._request_url import normalized
from ._strict import base64url, json_object
from .errors import LatchkeyError

#: Seconds for which a proof may be used after it was made, beside the leeway.
_MAX_AGE = 60
_MAX_ID_BYTES = 256
#: Members of private and symmetric keys (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, RFC 8037 section 2).
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_OF_KEYS = frozenset({"kty", "crv", "x", "y", "n", "e"})


@dataclass(frozen=True)
class Proof:
    """A proof that is right but for having been used before."""

    #: The thumbprint of its key (RFC 7638).
    thumbprint: str
    #: Its id, `jti`.
    id: str
    #: In seconds since the Unix epoch: up to and including this second it must be remembered.
    usable_until: int


#: Marks a proof as used, by its thumbprint and id together; `False` if it was before.
MarkUsed = Callable[[Proof], bool]


@dataclass(frozen=True)
class BoundRequest:
    """A request that came with a proof: the value of its only header `DPoP`, its method, and its URL as its client knows it."""

    proof: str
    method: str
    url: str
    mark_used: MarkUsed

    def check(self, token: str, thumbprint: object, now: int, leeway: int) -> None:
        """Checks the proof for a token that is bound to the key with this thumbprint. Raises `LatchkeyError`."""
        try:
            proof = self._parse(token, now, leeway)
        except (ValueError, KeyError, TypeError) as error:
            raise LatchkeyError("dpop", str(error), is_proof=True) from error
        if proof.thumbprint != thumbprint:
            raise LatchkeyError("dpop", "the proof was made with another key", is_proof=True)
        if not self.mark_used(proof):
            raise LatchkeyError("dpop", "the proof was used before", is_proof=True)

    def _parse(self, token: str, now: int, leeway: int) -> Proof:
        if len(self.proof) > 8192:
            raise ValueError("the proof is too long")
        header, payload, signature = self.proof.split(".")
        key, thumbprint = _key_of_header(json_object(base64url(header)))
        if not key.verify(f"{header}.{payload}".encode(), base64url(signature)):
            raise ValueError("the signature of the proof is wrong")
        claims = json_object(base64url(payload))
        # Each that is there has the right type, also one that is not needed.
        texts = {name: _text(claims, name) for name in ("jti", "htm", "htu", "ath", "nonce")}
        times = {name: _seconds(claims, name) for name in ("iat", "exp", "nbf")}
        issued_at, expires_at, not_before = times["iat"], times["exp"], times["nbf"]
        proof_id = texts["jti"]
        if proof_id is None or len(proof_id.encode()) > _MAX_ID_BYTES or issued_at is None:
            raise ValueError("jti or iat is missing or too long")
        if texts["htm"] != self.method:
            raise ValueError("the proof is for another method")
        url = normalized(self.url)
        if url is None or texts["htu"] is None or normalized(texts["htu"]) != url:
            raise ValueError("the proof is for another URL")
        usable_until = issued_at + _MAX_AGE + leeway
        if now > usable_until or (expires_at is not None and now >= expires_at + leeway):
            raise ValueError("the proof is too old")
        if max(issued_at, issued_at if not_before is None else not_before) > now + leeway:
            raise ValueError("the proof is from the future")
        if texts["ath"] != _encode(hashlib.sha256(token.encode()).digest()):
            raise ValueError("the proof is for another access token")
        return Proof(thumbprint, proof_id, usable_until)


def _key_of_header(header: dict[str, Any]) -> tuple[Key, str]:
    """The key of a header of `typ`, `alg` and `jwk` alone, and its thumbprint."""
    if header.keys() != {"typ", "alg", "jwk"} or not isinstance(header["jwk"], dict):
        raise ValueError("the header of the proof has something else than typ, alg and jwk")
    jwk: dict[str, Any] = header["jwk"]
    typ = header["typ"]
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") != "dpop+jwt":
        raise ValueError("not of the type dpop+jwt")
    try:
        _, _, key = parse_key(jwk | {"kid": ""})
    except Exception as error:  # noqa: BLE001 - the libraries raise many kinds
        raise ValueError("not a public key for EdDSA, ES256 or RS256") from error
    # With the members of another kind of key beside its own, it would be another key for another reader.
    members = {name: jwk[name] for name in REQUIRED_MEMBERS[key.algorithm]}
    if _PRIVATE & jwk.keys() or jwk.keys() & _OF_KEYS != members.keys():
        raise ValueError("the key of the proof has members that it should not have")
    if header["alg"] != key.algorithm:
        raise ValueError("the algorithm is not that of the key")
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return key, _encode(hashlib.sha256(canonical.encode()).digest())


def _text(claims: dict[str, Any], name: str) -> str | None:
    """A text that may be absent, but not empty."""
    if name not in claims:
        return None
    value = claims[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _seconds(claims: dict[str, Any], name: str) -> int | None:
    value = claims.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 2**53 - 1:
        raise ValueError(name)
    return int(value) if name in claims else None


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
