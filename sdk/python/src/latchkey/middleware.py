"""WSGI (PEP 3333) and ASGI middleware: a request reaches the application only with a verified token."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Generic, TypeVar

from .errors import LatchkeyError
from .verifier import Claims, Verifier

#: Where the application finds the verified `Claims`: in WSGI's environ and in ASGI's scope.
CLAIMS = "latchkey.claims"
#: The header in which a proxy puts the identity token.
IDENTITY_HEADER = "Latchkey-Assertion"

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] ([A-Za-z0-9\-._~+/]+=*)")
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
        self, app: _App, verifier: Verifier, *, scope: str | None = None, identity_header: str | None = None
    ) -> None:
        """`scope` is required of every token; `identity_header` (usually `IDENTITY_HEADER`) has a proxy's identity token,
        which is then verified instead of an access token."""
        self._app: _App = app
        self._verifier = verifier
        self._scope = scope
        self._identity_header = identity_header

    @property
    def _header(self) -> str:
        return self._identity_header or "Authorization"

    def _token(self, values: list[str]) -> str:
        # Of two headers, a proxy in between may have read the other one: neither counts.
        if len(values) != 1 or not values[0]:
            raise LatchkeyError("missing")
        if self._identity_header:
            return values[0]
        bearer = _BEARER.fullmatch(values[0])
        if bearer is None:
            raise LatchkeyError("missing")
        return bearer[1]

    def _require_scope(self, claims: Claims) -> None:
        if self._scope is not None:
            claims.require(self._scope)


class WsgiMiddleware(_Middleware[_WsgiApp]):
    """Verifies every request. The application finds its `Claims` in `environ["latchkey.claims"]`; a `LatchkeyError` that it
    raises before it responds, as `Claims.require` does, becomes the response."""

    def __call__(self, environ: dict[str, Any], start_response: _Start) -> Iterable[bytes]:
        name = "HTTP_" + self._header.upper().replace("-", "_")
        is_identity = self._identity_header is not None
        verify = self._verifier.identity_token if is_identity else self._verifier.access_token
        has_started = False

        def watch(*args: Any) -> Any:
            nonlocal has_started
            has_started = True
            return start_response(*args)

        try:
            # A server joins two headers of one name with a comma, which no token has.
            claims = verify(self._token([environ[name]] if name in environ else []))
            self._require_scope(claims)
            environ[CLAIMS] = claims
            return self._app(environ, watch)
        except LatchkeyError as error:
            if has_started:
                raise
            _log.info("refused: %s", error)
            phrase = {401: "Unauthorized", 403: "Forbidden"}.get(error.status, "Service Unavailable")
            start_response(f"{error.status} {phrase}", error.headers)
            return [b""]


class AsgiMiddleware(_Middleware[_AsgiApp]):
    """Verifies every request and every WebSocket. The application finds its `Claims` in `scope["latchkey.claims"]`; a
    `LatchkeyError` that it raises before it responds, as `Claims.require` does, becomes the response."""

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] not in ("http", "websocket"):
            raise RuntimeError(f"latchkey cannot verify a connection of type {scope['type']}")
        name = self._header.lower().encode("latin-1")
        values = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
        has_started = False

        async def watch(message: _Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        is_identity = self._identity_header is not None
        verify = (
            self._verifier.identity_token_async if is_identity else self._verifier.access_token_async
        )
        try:
            claims = await verify(self._token(values))
            self._require_scope(claims)
            await self._app({**scope, CLAIMS: claims}, receive, watch)
        except LatchkeyError as error:
            if has_started:
                raise
            _log.info("refused: %s", error)
            await _refuse(scope, send, error)


async def _refuse(scope: _Message, send: _Send, error: LatchkeyError) -> None:
    if scope["type"] == "websocket":
        # Before it is accepted, this makes the server respond with 403.
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(name.lower().encode(), value.encode()) for name, value in error.headers]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
