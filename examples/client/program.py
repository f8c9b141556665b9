"""A program that gets access tokens from Latchkey and calls a service with them. It needs nothing but Python."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True)
class Response:
    """A response of any status."""

    status: int
    headers: Message
    body: Any


#: What is told of each request: method, URL, what it carries, and its response.
Observer = Callable[[str, str, str, Response], None]


@dataclass
class Program:
    """A client. A public one has no secret, and acts for a user who approves it (RFC 8628)."""

    issuer: str
    client_id: str
    client_secret: str | None
    observe: Observer

    def token(self, audience: str, scope: str = "") -> str:
        """A token of the client itself (RFC 6749 section 4.4)."""
        response = self._form("/oauth/token", grant_type="client_credentials", audience=audience, scope=scope)
        return str(response.body["access_token"])

    def begin(self, scope: str) -> dict[str, Any]:
        """Asks for a code that a user enters on a device of theirs."""
        return dict(self._form("/oauth/device", scope=scope).body)

    def poll(self, device_code: str) -> Response:
        """Asks whether the user has approved."""
        return self._form("/oauth/token", grant_type=DEVICE_CODE, device_code=device_code)

    def refresh(self, refresh_token: str) -> Response:
        """Exchanges a refresh token for the next tokens (RFC 6749 section 6)."""
        return self._form("/oauth/token", grant_type="refresh_token", refresh_token=refresh_token)

    def call(self, method: str, url: str, token: str) -> Response:
        """Calls a service."""
        return self._send(method, url, {"Authorization": f"Bearer {token}"}, None, f"Authorization: Bearer {token}")

    def _form(self, path: str, **form: str) -> Response:
        form = {name: value for name, value in form.items() if value}
        sent = urllib.parse.urlencode(form)
        form["client_id"] = self.client_id
        if self.client_secret:
            form["client_secret"] = self.client_secret
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", self.issuer + path, headers, urllib.parse.urlencode(form).encode(), sent)

    def _send(self, method: str, url: str, headers: dict[str, str], body: bytes | None, sent: str) -> Response:
        request = urllib.request.Request(url, body, headers, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read()
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = {}
        response = Response(answer.status or 0, answer.headers, parsed)
        self.observe(method, url, sent, response)
        return response
