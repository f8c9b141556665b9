"""Tokens, verified without asking the server (RFC 9068, RFC 7519, RFC 8725)."""

from __future__ import annotations

import base64
import json
import time
import urllib.parse
from dataclasses import dataclass
from typing import Any

from . import _http
from ._keys import Clock, KeyCache, Steps, run, run_async
from ._proof import BoundRequest, MarkUsed
from ._strict import base64url, json_object
from .errors import LatchkeyError

#: The longest token that is looked at, in bytes.
MAX_BYTES = 8192
#: Seconds by which clocks may differ.
LEEWAY = 5
# Beyond it, JSON numbers are not exact.
_MAX_SECONDS = 2**53 - 1


@dataclass(frozen=True)
class Claims:
    """Who calls, as a verified token says it. Times are in seconds since the Unix epoch."""

    subject: str
    audience: str
    scopes: frozenset[str]
    issued_at: int
    expires_at: int
    #: The token's id; identity tokens have none.
    id: str | None
    #: Every claim of the token.
    all: dict[str, Any]

    def require(self, scope: str) -> None:
        """Raises `LatchkeyError` (`insufficient_scope`) unless the token has this scope."""
        if scope not in self.scopes:
            raise LatchkeyError("insufficient_scope", scope, scope=scope)


class Verifier:
    """Verifies tokens of one issuer for one audience, which is the name of this service."""

    def __init__(
        self, issuer: str, audience: str, jwks_url: str | None = None, *, clock: Clock = time
    ) -> None:
        self._issuer = issuer
        self._address = _http.check_url(issuer)
        self._audience = audience
        self._clock = clock
        url = jwks_url or f"{self._address}/.well-known/jwks.json"
        _http.check_url(url)
        self._keys = KeyCache(url, clock)

    def access_token(self, token: str) -> Claims:
        """Verifies the access token of a header `Authorization: Bearer`. Raises `LatchkeyError`."""
        return run(self._verify(token, "at+jwt", has_id=True))

    async def access_token_async(self, token: str) -> Claims:
        """The same for asyncio: it awaits the issuer's keys."""
        return await run_async(self._verify(token, "at+jwt", has_id=True))

    def bound_token(self, token: str, proof: str, method: str, url: str, mark_used: MarkUsed) -> Claims:
        """Verifies an access token that is bound to a key, with a proof of that key (DPoP, RFC 9449 section 7).

        `proof` is the value of the request's only header `DPoP`. `url` is the request's as its client knows it, with scheme and
        host from the configuration: if they came from the request, its sender could use a proof that was made for another server.
        `mark_used` remembers the proof until it is no longer usable, and returns `False` if it did before.
        """
        return run(self._verify(token, "at+jwt", has_id=True, request=BoundRequest(proof, method, url, mark_used)))

    async def bound_token_async(self, token: str, proof: str, method: str, url: str, mark_used: MarkUsed) -> Claims:
        """The same for asyncio: it awaits the issuer's keys."""
        request = BoundRequest(proof, method, url, mark_used)
        return await run_async(self._verify(token, "at+jwt", has_id=True, request=request))

    def identity_token(self, token: str) -> Claims:
        """Verifies the identity token that a proxy puts in a header. Raises `LatchkeyError`."""
        return run(self._verify(token, "jwt", has_id=False))

    async def identity_token_async(self, token: str) -> Claims:
        """The same for asyncio: it awaits the issuer's keys."""
        return await run_async(self._verify(token, "jwt", has_id=False))

    def introspect(self, client_id: str, client_secret: str, token: str) -> dict[str, Any]:
        """Asks the server whether a token is active (RFC 7662) and returns what it knows.

        Raises `LatchkeyError`: `inactive`, `audience` or `dpop` if the token must not be accepted, `unavailable` if the
        server cannot be asked or refuses the client.
        """
        # RFC 6749 section 2.3.1: both are encoded as in a form first.
        pair = ":".join(urllib.parse.quote_plus(part) for part in (client_id, client_secret))
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urllib.parse.urlencode({"token": token}).encode()
        try:
            response = _http.request(f"{self._address}/oauth/introspect", headers, body)
            if response.status != 200:
                raise LatchkeyError("unavailable", f"introspection: status {response.status}")
            answer = json.loads(response.body)
        except (_http.RequestFailed, ValueError, RecursionError) as error:
            raise LatchkeyError("unavailable", f"introspection: {error}") from error
        if not isinstance(answer, dict) or answer.get("active") is not True:
            raise LatchkeyError("inactive")
        if answer.get("aud", self._audience) not in (self._audience, [self._audience]):
            raise LatchkeyError("audience")
        if "cnf" in answer:
            raise LatchkeyError("dpop")
        return answer

    def _verify(self, token: str, typ: str, *, has_id: bool, request: BoundRequest | None = None) -> Steps[Claims]:
        header, payload = yield from self._open(token)
        found = header.get("typ")
        if found is None or not _is_type(found, typ):
            raise LatchkeyError("type")
        try:
            claims = json_object(payload)
        except ValueError as error:
            raise LatchkeyError("claims", str(error)) from error
        return self._check(token, claims, has_id, request)

    def _open(self, token: str) -> Steps[tuple[dict[str, Any], bytes]]:
        """Checks the signature. The algorithm is the key's; the token must only agree."""
        if len(token) > MAX_BYTES:
            raise LatchkeyError("too_long")
        parts = token.split(".", 2)
        if len(parts) != 3:
            raise LatchkeyError("malformed")
        try:
            header_bytes = base64url(parts[0])
        except ValueError as error:
            raise LatchkeyError("malformed", str(error)) from error
        header = _parse_header(header_bytes)
        try:
            payload, signature = base64url(parts[1]), base64url(parts[2])
        except ValueError as error:
            raise LatchkeyError("malformed", str(error)) from error
        key_id = header.get("kid")
        key = None if key_id is None else (yield from self._keys.find(key_id))
        if key is None:
            raise LatchkeyError("key_id")
        if header["alg"] != key.algorithm:
            raise LatchkeyError("algorithm")
        if not key.verify(f"{parts[0]}.{parts[1]}".encode(), signature):
            raise LatchkeyError("signature")
        return header, payload

    def _check(self, token: str, claims: dict[str, Any], has_id: bool, request: BoundRequest | None) -> Claims:
        if _text(claims, "iss") != self._issuer:
            raise LatchkeyError("issuer")
        if _audience(claims) != self._audience:
            raise LatchkeyError("audience")
        # Each that is there has the right type, also one that is not needed.
        times = {name: _seconds(claims, name) for name in ("exp", "iat", "nbf", "auth_time")}
        expires_at, issued_at, not_before = times["exp"], times["iat"], times["nbf"]
        if expires_at is None or issued_at is None:
            raise LatchkeyError("claims", "exp or iat is missing")
        now = int(self._clock.time())
        if now >= expires_at + LEEWAY:
            raise LatchkeyError("expired")
        if max(issued_at, not_before or issued_at) > now + LEEWAY:
            raise LatchkeyError("not_yet_valid")
        subject = _text(claims, "sub")
        token_id = _text(claims, "jti") if has_id or "jti" in claims else None
        if request is not None:
            # Bound to this key and to nothing else, whose proof this would not be.
            bound_to = claims.get("cnf")
            if not isinstance(bound_to, dict) or bound_to.keys() != {"jkt"}:
                raise LatchkeyError("dpop")
            request.check(token, bound_to["jkt"], now, LEEWAY)
        elif "cnf" in claims:
            # Whoever presents it must prove to have the key (RFC 9449 section 7.1); a bearer does not.
            raise LatchkeyError("dpop")
        scope = claims.get("scope")
        scopes = frozenset(scope.split(" ")) - {""} if isinstance(scope, str) else frozenset()
        return Claims(subject, self._audience, scopes, issued_at, expires_at, token_id, claims)


def _parse_header(data: bytes) -> dict[str, Any]:
    """A header has these three members and no other: no token brings a key or an extension along."""
    try:
        header = json_object(data)
    except ValueError as error:
        raise LatchkeyError("header", str(error)) from error
    names_are_known = header.keys() <= {"alg", "kid", "typ"}
    if not names_are_known or not isinstance(header.get("alg"), str):
        raise LatchkeyError("header")
    if not all(isinstance(header.get(name), (str, type(None))) for name in ("kid", "typ")):
        raise LatchkeyError("header")
    return header


def _is_type(found: str, expected: str) -> bool:
    """Case does not count, and `application/` may be left out (RFC 7515 section 4.1.9)."""
    return found.isascii() and found.lower().removeprefix("application/") == expected


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise LatchkeyError("claims", name)
    return value


def _audience(claims: dict[str, Any]) -> str:
    """The one audience. A token for several is refused: each of them could use it at the others."""
    value = claims.get("aud")
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) for item in items):
        raise LatchkeyError("claims", "aud")
    if len(items) > 1:
        raise LatchkeyError("audience")
    return str(items[0])


def _seconds(claims: dict[str, Any], name: str) -> int | None:
    """A NumericDate in whole seconds; `None` if there is none."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > _MAX_SECONDS:
        raise LatchkeyError("claims", name)
    return int(value)
