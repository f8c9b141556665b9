"""Tells in a terminal what happens: one sentence a step, and its requests and responses in short."""

from __future__ import annotations

import json
import re
import urllib.parse
from typing import Any

from program import Response

_LONG = re.compile(r"[A-Za-z0-9_\-.]{30,}")


class Unexpected(Exception):
    """A step went otherwise than it says."""


class Narrator:
    """Counts steps, and stops at the first that goes otherwise than it says."""

    def __init__(self) -> None:
        self._steps = 0

    @property
    def steps(self) -> int:
        return self._steps

    def step(self, sentence: str) -> None:
        self._steps += 1
        print(f"\n{self._steps:2}  {sentence}", flush=True)

    def note(self, text: str) -> None:
        print(f"      {text}", flush=True)

    def observe(self, method: str, url: str, sent: str, response: Response) -> None:
        """Shows a request and its response."""
        path = urllib.parse.urlsplit(url).path
        print(f"    > {method} {path}  {short(urllib.parse.unquote_plus(sent))}")
        body = short(json.dumps(response.body)) if response.body else ""
        challenge = response.headers.get("WWW-Authenticate")
        told = "  ".join(text for text in [f"WWW-Authenticate: {challenge}" if challenge else "", body] if text)
        print(f"    < {response.status}  {told}", flush=True)

    def expect(self, found: Any, expected: Any) -> None:
        if found != expected:
            raise Unexpected(f"step {self._steps}: {found!r} instead of {expected!r}")


def short(text: str) -> str:
    """Tokens are long, and their beginning is enough to tell them apart."""
    return _LONG.sub(lambda found: f"{found[0][:3]}…{found[0][-6:]}", text)
