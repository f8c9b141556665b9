"""WSGI (PEP 3333) and ASGI middleware: a request reaches the application only with a verified token."""

from __future__ import annotations

import logging
import re
import urllib.parse
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Generic, TypeVar

from ._proof import MarkUsed
from ._used_proofs import UsedProofs
from .errors import LatchkeyError
from .verifier import Claims, Verifier

#: Where the application finds the verified `Claims`: in WSGI's environ and in ASGI's scope.
CLAIMS = "latchkey.claims"
#: The header in which a proxy puts the identity token.
IDENTITY_HEADER = "Latchkey-Assertion"

_CREDENTIALS = re.compile(r"(bearer|dpop) ([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE | re.ASCII)
# Says that tokens with a proof are accepted (RFC 9449 section 7.1).
_DPOP_CHALLENGE = ("WWW-Authenticate", 'DPoP algs="EdDSA ES256 RS256"')
# What a path may have without being escaped (RFC 3986 section 3.3).
_PATH = "/:@!$&'()*+,;=~"
_log = logging.getLogger("latchkey")

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_Start = Callable[..., Any]
_WsgiApp = Callable[[dict[str, Any], _Start], Iterable[bytes]]
_AsgiApp = Callable[[_Message, _Receive, _Send], Awaitable[None]]


_App = TypeVar("_App", _WsgiApp, _AsgiApp)


class _Middleware(Generic[_App]):
    def __init__(
        self,
        app: _App,
        verifier: Verifier,
        *,
        scope: str | None = None,
        identity_header: str | None = None,
        origin: str | None = None,
        mark_used: MarkUsed | None = None,
    ) -> None:
        """`scope` is required of every token; `identity_header` (usually `IDENTITY_HEADER`) has a proxy's identity token,
        which is then verified instead of an access token.

        With `origin`, tokens that are bound to a key are accepted with a proof of it (DPoP, RFC 9449), besides bearer tokens. It
        is this service's as its clients know it, `https://photos.example.com`; the path is the request's, so the middleware goes
        around every other that changes it. `mark_used` remembers proofs; without it, they are remembered in memory, so behind
        one address there may be one process.
        """
        self._app: _App = app
        self._verifier = verifier
        self._scope = scope
        self._identity_header = identity_header
        self._origin = origin and origin.rstrip("/")
        self._mark_used: MarkUsed = mark_used or UsedProofs()

    @property
    def _header(self) -> str:
        return self._identity_header or "Authorization"

    def _presented(self, values: list[str], proofs: list[str]) -> tuple[str, str | None]:
        """The token, and the proof that came with it."""
        # Of two headers, a proxy in between may have read the other one: neither counts.
        if len(values) != 1 or not values[0]:
            raise LatchkeyError("missing")
        if self._identity_header:
            return values[0], None
        found = _CREDENTIALS.fullmatch(values[0])
        if found is None:
            raise LatchkeyError("missing")
        if found[1].lower() == "bearer":
            return found[2], None
        if self._origin is None:
            raise LatchkeyError("missing")
        if len(proofs) != 1:
            raise LatchkeyError("dpop", "not one header DPoP")
        return found[2], proofs[0]

    def _url(self, path: str) -> str:
        """The request's as its client knows it. The origin comes from the configuration: if it came from the request, its sender
        could use a proof that was made for another server."""
        return f"{self._origin}{path}"

    def _headers(self, error: LatchkeyError) -> list[tuple[str, str]]:
        """The headers of the response."""
        wants_proof = error.code in ("missing", "dpop") and not error.is_proof
        is_said = self._origin is not None and self._identity_header is None and wants_proof
        return error.headers + ([_DPOP_CHALLENGE] if is_said else [])

    def _require_scope(self, claims: Claims) -> None:
        if self._scope is not None:
            claims.require(self._scope)


class WsgiMiddleware(_Middleware[_WsgiApp]):
    """Verifies every request. The application finds its `Claims` in `environ["latchkey.claims"]`; a `LatchkeyError` that it
    raises before it responds, as `Claims.require` does, becomes the response."""

    def __call__(self, environ: dict[str, Any], start_response: _Start) -> Iterable[bytes]:
        name = "HTTP_" + self._header.upper().replace("-", "_")
        has_started = False

        def watch(*args: Any) -> Any:
            nonlocal has_started
            has_started = True
            return start_response(*args)

        try:
            # A server joins two headers of one name with a comma, which no token has.
            values, proofs = ([environ[key]] if key in environ else [] for key in (name, "HTTP_DPOP"))
            token, proof = self._presented(values, proofs)
            if self._identity_header is not None:
                claims = self._verifier.identity_token(token)
            elif proof is None:
                claims = self._verifier.access_token(token)
            else:
                # PEP 3333: bytes as if they were Latin-1.
                path = urllib.parse.quote(
                    environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), _PATH, encoding="latin-1"
                )
                method = environ["REQUEST_METHOD"]
                claims = self._verifier.bound_token(token, proof, method, self._url(path), self._mark_used)
            self._require_scope(claims)
            environ[CLAIMS] = claims
            return self._app(environ, watch)
        except LatchkeyError as error:
            if has_started:
                raise
            _log.info("refused: %s", error)
            phrase = {401: "Unauthorized", 403: "Forbidden"}.get(error.status, "Service Unavailable")
            start_response(f"{error.status} {phrase}", self._headers(error))
            return [b""]


class AsgiMiddleware(_Middleware[_AsgiApp]):
    """Verifies every request and every WebSocket. The application finds its `Claims` in `scope["latchkey.claims"]`; a
    `LatchkeyError` that it raises before it responds, as `Claims.require` does, becomes the response."""

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] not in ("http", "websocket"):
            raise RuntimeError(f"latchkey cannot verify a connection of type {scope['type']}")
        values, proofs = (
            [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name.lower().encode()]
            for name in (self._header, "DPoP")
        )
        has_started = False

        async def watch(message: _Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            token, proof = self._presented(values, proofs)
            if self._identity_header is not None:
                claims = await self._verifier.identity_token_async(token)
            elif proof is None:
                claims = await self._verifier.access_token_async(token)
            else:
                raw: bytes = scope.get("raw_path") or urllib.parse.quote(scope["path"], _PATH).encode()
                path, method = raw.decode("latin-1"), scope.get("method", "GET")
                claims = await self._verifier.bound_token_async(
                    token, proof, method, self._url(path), self._mark_used
                )
            self._require_scope(claims)
            await self._app({**scope, CLAIMS: claims}, receive, watch)
        except LatchkeyError as error:
            if has_started:
                raise
            _log.info("refused: %s", error)
            await _refuse(scope, send, self._headers(error), error.status)


async def _refuse(scope: _Message, send: _Send, headers: list[tuple[str, str]], status: int) -> None:
    if scope["type"] == "websocket":
        # Before it is accepted, this makes the server respond with 403.
        await send({"type": "websocket.close", "code": 1008})
        return
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": b""})
