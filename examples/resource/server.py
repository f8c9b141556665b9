"""A service with data of members and data of administrators, which programs reach with access tokens of Latchkey.

It verifies tokens in both modes: in JWT mode it checks the signature itself, in session mode it asks Latchkey each time.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from latchkey import CLAIMS, AcceptedToken, Denied, Service, Verifier, WsgiMiddleware

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

ISSUER = os.environ["LATCHKEY_URL"]
INTERNAL_URL = os.environ["LATCHKEY_INTERNAL_URL"]


def members(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Members' data, in JWT mode: the middleware has verified the token, and Latchkey was not asked."""
    return respond(start_response, "200 OK", members=["Grace", "Alan"], caller=environ[CLAIMS].subject)


def current_members(token: AcceptedToken) -> Environ:
    """The same in session mode: a token whose user has signed out is refused at once."""
    return {"members": ["Grace", "Alan"], "caller": token.subject}


def administrators(token: AcceptedToken) -> Environ:
    """Administrators' data: for users with this role only."""
    if token.user is None or token.user.role != "admin":
        raise Forbidden("only administrators may read this")
    return {"audit": ["a backup was made"], "caller": token.subject}


def payments(token: AcceptedToken) -> Environ:
    """A payment. Tokens of this service are accepted once, so no request can be repeated."""
    return {"paid": "10 EUR", "caller": token.subject}


def console(token: AcceptedToken) -> Environ:
    """Of this service's tokens, only the newest of a client is accepted."""
    return {"console": "ready", "caller": token.subject}


class Forbidden(Exception):
    """The caller is known, and may not do this."""


def session_mode(service: str, handler: Callable[[AcceptedToken], Environ]) -> Application:
    """Asks Latchkey about the token of each request."""
    latchkey = Service(INTERNAL_URL, service, os.environ[f"{service.upper()}_SERVICE_TOKEN"])

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return respond(start_response, "401 Unauthorized", challenge="Bearer", error="missing")
        try:
            return respond(start_response, "200 OK", **handler(latchkey.verify_token(token)))
        except Forbidden as reason:
            return respond(start_response, "403 Forbidden", error=str(reason))
        except Denied as denied:
            if denied.code == "unavailable":
                return respond(start_response, "503 Service Unavailable", retry_after=denied.retry_after, error=denied.code)
            if denied.code == "rate_limited":
                return respond(start_response, "429 Too Many Requests", retry_after=denied.retry_after, error=denied.code)
            return respond(start_response, "401 Unauthorized", challenge='Bearer error="invalid_token"', error=denied.code)

    return application


def respond(
    start_response: Callable[..., Any], status: str, challenge: str = "", retry_after: int | None = None, **body: object
) -> Iterable[bytes]:
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    if challenge:
        headers.append(("WWW-Authenticate", challenge))
    if retry_after is not None:
        headers.append(("Retry-After", str(retry_after)))
    start_response(status, headers)
    return [json.dumps(body).encode()]


ROUTES: dict[tuple[str, str], Application] = {
    ("GET", "/members"): WsgiMiddleware(members, Verifier(ISSUER, "library"), scope="members:read"),
    ("GET", "/members/current"): session_mode("library", current_members),
    ("GET", "/administrators"): session_mode("library", administrators),
    ("POST", "/payments"): session_mode("payments", payments),
    ("GET", "/console"): session_mode("console", console),
}


def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    route = ROUTES.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
    if route is None:
        return respond(start_response, "404 Not Found")
    return route(environ, start_response)


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    # Why the SDK refused a token is here; its client learns the status only.
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with make_server("127.0.0.1", int(os.environ.get("PORT", "0")), application, handler_class=QuietHandler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
