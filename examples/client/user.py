"""A user with an authenticator app, a passkey and a browser: signs in, approves a program, signs out."""

from __future__ import annotations

import hashlib
import hmac
import http.cookiejar
import json
import struct
import time
import urllib.parse
import urllib.request
from base64 import b32decode
from typing import Any

import passkey


class User:
    """Everything here is what the pages of Latchkey do in a browser."""

    def __init__(self, issuer: str, email: str, otpauth_uri: str) -> None:
        self._issuer = issuer
        self._email = email
        query = urllib.parse.urlsplit(otpauth_uri).query
        self._secret = b32decode(urllib.parse.parse_qs(query)["secret"][0])
        # Its cookies are for HTTPS; browsers treat localhost alike.
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(policy))
        self._browser = urllib.request.build_opener(cookies)

    def sign_in(self) -> None:
        self._post("/device/add", email=self._email, code=self._code())

    def add_passkey(self) -> None:
        """Which counts as used: approving a program takes one."""
        begun = self._fetch("/actions/passkey/begin-registration", {})
        made = {"credential": passkey.made(self._issuer, begun), "handle": begun["handle"], "name": "Demonstration"}
        self._fetch("/actions/passkey/finish-registration", made)

    def approve(self, user_code: str) -> None:
        """Approves the program that shows this code."""
        self._post("/actions/authorization/approve", code=user_code)

    def sign_out(self) -> None:
        self._post("/actions/session/sign-out")

    def _code(self) -> str:
        """What the authenticator app shows now (RFC 6238)."""
        digest = hmac.digest(self._secret, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
        return f"{number % 10**6:06}"

    def _fetch(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Origin": self._issuer, "Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(self._issuer + path, json.dumps(body).encode(), headers)
        with self._browser.open(request, timeout=10) as response:
            return json.load(response)

    def _post(self, path: str, **form: str) -> None:
        headers = {"Origin": self._issuer, "Content-Type": "application/x-www-form-urlencoded"}
        body = urllib.parse.urlencode(form).encode()
        self._browser.open(urllib.request.Request(self._issuer + path, body, headers), timeout=10).close()
