"""Asks the server about the caller of this service: `GET /verify/<service>` of its internal listener."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from . import _http
from .errors import Denied

_T = TypeVar("_T")


@dataclass(frozen=True)
class User:
    """Who makes a request, and what the grant allows this service to know."""

    #: Specific to this service.
    subject: str
    scopes: frozenset[str]
    username: str | None
    email: str | None
    role: str | None
    #: `registered` or `passkey`.
    assurance: str
    #: When the user last authenticated, in seconds since the Unix epoch.
    auth_time: int
    #: As `amr` (RFC 8176).
    auth_methods: tuple[str, ...]


@dataclass(frozen=True)
class AcceptedToken:
    """An access token that the server accepts now. Times are in seconds since the Unix epoch."""

    subject: str
    #: The client that got the token.
    client_id: str
    scopes: frozenset[str]
    id: str
    issued_at: int
    expires_at: int
    #: The user for whom the token speaks; `None` if it speaks for its client.
    user: User | None


class Service:
    """A service that Latchkey knows, with its service token."""

    def __init__(self, internal_url: str, name: str, service_token: str) -> None:
        self._url = f"{_http.check_url(internal_url)}/verify/{urllib.parse.quote(name, safe='')}"
        self._token = service_token

    def verify_user(self, cookie: str) -> User:
        """Asks about the user of a browser: `cookie` is its header `Cookie`, as it came. Raises `Denied`."""
        return self._ask({"Cookie": cookie}, _user)

    def verify_token(self, access_token: str) -> AcceptedToken:
        """Asks about the access token of a program. Raises `Denied`."""
        return self._ask({"X-Original-Authorization": f"Bearer {access_token}"}, _accepted_token)

    def verify_bound_token(self, access_token: str, proof: str, method: str, url: str) -> AcceptedToken:
        """Asks about an access token that is bound to a key, with a proof of that key (RFC 9449 section 7). Raises `Denied`.

        `proof` is the value of the request's only header `DPoP`. `url` is the request's as its program knows it, with scheme and
        host from the configuration: if they came from the request, its sender could use a proof that was made for another server.
        """
        caller = {
            "X-Original-Authorization": f"DPoP {access_token}",
            "DPoP": proof,
            "X-Original-Method": method,
            "X-Original-URL": url,
        }
        return self._ask(caller, _accepted_token)

    def _ask(self, caller: dict[str, str], read: Callable[[Any], _T]) -> _T:
        own = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        try:
            response = _http.request(self._url, own | caller)
        except _http.RequestFailed as error:
            raise Denied("unavailable") from error
        if response.status != 200:
            raise _denial(response)
        try:
            return read(json.loads(response.body))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Denied("unavailable") from error


def _user(answer: Any) -> User:
    return User(
        subject=answer["subject"],
        scopes=frozenset(answer["scopes"]),
        username=answer.get("username"),
        email=answer.get("email"),
        role=answer.get("role"),
        assurance=answer["device"]["assurance"],
        auth_time=answer["auth"]["time"],
        auth_methods=tuple(answer["auth"]["methods"]),
    )


def _accepted_token(answer: Any) -> AcceptedToken:
    return AcceptedToken(
        subject=answer["subject"],
        client_id=answer["client_id"],
        scopes=frozenset(answer["scopes"]),
        id=answer["token"]["id"],
        issued_at=answer["token"]["issued_at"],
        expires_at=answer["token"]["expires_at"],
        user=_user(answer) if "auth" in answer else None,
    )


def _denial(response: _http.Response) -> Denied:
    if response.status == 401:
        try:
            problem = json.loads(response.body)
        except ValueError:
            return Denied("no_access")
        if isinstance(problem, dict) and problem.get("error") == "step_up_required":
            return Denied("step_up_required", url=problem.get("url"))
        if isinstance(problem, dict) and problem.get("error") == "use_dpop_nonce":
            return Denied("use_dpop_nonce", nonce=response.headers.get("DPoP-Nonce", ""))
        return Denied("no_access")
    if response.status == 404:
        return Denied("service_not_found" if response.body else "unauthenticated")
    after = response.headers.get("Retry-After", "")
    code = "rate_limited" if response.status == 429 else "unavailable"
    return Denied(code, retry_after=int(after) if after.isdecimal() else None)
