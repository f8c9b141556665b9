"""Requests to Latchkey: short ones, whose responses are small."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message

#: Seconds that a request may take.
TIMEOUT = 3.0
#: The largest response that is read, in bytes.
MAX_BYTES = 64 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    # Keys and answers come from the configured address alone.
    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


class RequestFailed(Exception):
    """There is no response, or it is too large."""


@dataclass(frozen=True)
class Response:
    """A response of any status."""

    status: int
    headers: Message
    body: bytes


def check_url(url: str) -> str:
    """Returns the address without a slash at the end. Raises `ValueError` for anything but HTTP and HTTPS."""
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"not an HTTP address: {url}")
    return url.rstrip("/")


def request(url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Response:
    """Sends a GET, or a POST if there is a body. Raises `RequestFailed`."""
    deadline = time.monotonic() + TIMEOUT
    sent = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        try:
            response = _opener.open(sent, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            return Response(response.status or 0, response.headers, _read(response, deadline))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise RequestFailed(str(error)) from error


def _read(response: http.client.HTTPResponse | urllib.error.HTTPError, deadline: float) -> bytes:
    body = b""
    while chunk := response.read1(8192):
        body += chunk
        if len(body) > MAX_BYTES:
            raise RequestFailed("the response is too large")
        # The socket's timeout starts anew with every byte.
        if time.monotonic() > deadline:
            raise RequestFailed("the response takes too long")
    return body
