"""The issuer's public keys, and when they are fetched."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Generator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from jwt.algorithms import get_default_algorithms

from . import _http
from ._strict import base64url
from .errors import LatchkeyError

#: Seconds after which keys are fetched again.
REFRESH = 300
#: Seconds between two fetches because of an unknown key id, and after a failed fetch.
PAUSE = 30
#: Seconds between two fetches as long as there are no keys.
FIRST_PAUSE = 1
#: Seconds for which known keys are used when they cannot be fetched.
MAX_AGE = 24 * 3600

_ALGORITHMS = get_default_algorithms()

#: The members that make a key (RFC 7638 section 3.2).
REQUIRED_MEMBERS = {"EdDSA": ("kty", "crv", "x"), "ES256": ("kty", "crv", "x", "y"), "RS256": ("kty", "n", "e")}

_T = TypeVar("_T")
#: What yields a fetch whenever it must be waited for, or `None`, and returns a value at last.
Steps = Generator[Future[None] | None, None, _T]


class Clock(Protocol):
    """The module `time`, or what a test puts in its place."""

    def time(self) -> float: ...

    def monotonic(self) -> float: ...


@dataclass(frozen=True)
class Key:
    """A public key, with the one algorithm that it is for."""

    algorithm: str
    material: Any

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature of the message is this key's."""
        return bool(_ALGORITHMS[self.algorithm].verify(message, self.material, signature))


def parse_keys(text: bytes) -> dict[str, Key]:
    """Reads the usable keys of a JWK set, by id; others are left out (RFC 7517 section 5). Raises `ValueError`."""
    document = json.loads(text)
    jwks = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(jwks, list):
        raise ValueError("not a JWK set")
    found: dict[str, tuple[object, Key]] = {}
    ambiguous = set()
    for jwk in jwks:
        try:
            key_id, identity, key = parse_key(jwk)
        except Exception:  # noqa: BLE001 - the libraries raise many kinds
            continue
        if key_id in found and found[key_id][0] != identity:
            # Which of the two is meant cannot be said.
            ambiguous.add(key_id)
        found[key_id] = (identity, key)
    return {key_id: key for key_id, (_, key) in found.items() if key_id not in ambiguous}


def parse_key(jwk: Mapping[str, Any]) -> tuple[str, object, Key]:
    """The id of a JWK, what tells it from others, and the key. Raises exceptions of many kinds."""
    kind, curve, key_id = jwk["kty"], jwk.get("crv"), jwk["kid"]
    # Another kind is a KeyError.
    algorithm = {("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256", ("RSA", None): "RS256"}[kind, curve]
    required = [name for name in REQUIRED_MEMBERS[algorithm] if name not in ("kty", "crv")]
    numbers = [base64url(jwk[name]) for name in required]
    if kind == "RSA" and not (256 <= len(numbers[0]) <= 512 and numbers[0][0] and numbers[1][0]):
        # Less is too weak (RFC 7518 section 3.3), more takes too long, and a zero in front is a second spelling.
        raise ValueError("the modulus has another length")
    operations = jwk.get("key_ops")
    is_for_us = (
        isinstance(key_id, str)
        and jwk.get("alg", algorithm) == algorithm
        and jwk.get("use", "sig") == "sig"
        and (operations is None or "verify" in operations)
    )
    if not is_for_us:
        raise ValueError("a key for something else")
    public = {"kty": kind, "crv": curve} | {name: jwk[name] for name in required}
    material = _ALGORITHMS[algorithm].from_jwk(public)
    return key_id, (kind, numbers), Key(algorithm, material)


class KeyCache:
    """Keys that are fetched at first use, every five minutes, and at an unknown key id."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, Key] | None = None
        self._fetched_at = 0.0
        self._may_fetch_at = 0.0
        self._may_fetch_unknown_at = 0.0
        self._flight: Future[None] | None = None

    def find(self, key_id: str) -> Steps[Key | None]:
        """The key with this id; `None` if the issuer has none. Raises `LatchkeyError` if there are no keys."""
        with self._lock:
            now = self._clock.monotonic()
            is_due = self._keys is None or now - self._fetched_at >= REFRESH
            flight = self._start(now >= self._may_fetch_at) if is_due else None
        yield flight
        keys = self._usable()
        if key_id not in keys:
            # Perhaps the issuer has a new key. Anyone can make up an id, so this happens only now and then.
            with self._lock:
                now = self._clock.monotonic()
                flight = self._start(now >= self._may_fetch_unknown_at)
                if flight is not None:
                    self._may_fetch_unknown_at = now + PAUSE
            yield flight
            keys = self._usable()
        return keys.get(key_id)

    def _usable(self) -> dict[str, Key]:
        with self._lock:
            if self._keys is None or self._clock.monotonic() - self._fetched_at >= MAX_AGE:
                raise LatchkeyError("keys_unavailable", self._url)
            return self._keys

    def _start(self, may_start: bool) -> Future[None] | None:
        """The fetch that is under way, or a new one; the lock is held."""
        if self._flight is None and may_start:
            self._flight = Future()
            threading.Thread(target=self._fetch, args=(self._flight,), daemon=True).start()
        return self._flight

    def _fetch(self, flight: Future[None]) -> None:
        keys = None
        try:
            response = _http.request(self._url, {"Accept": "application/json"})
            if response.status == 200:
                keys = parse_keys(response.body)
        except (_http.RequestFailed, ValueError, RecursionError):
            pass
        finally:
            with self._lock:
                now = self._clock.monotonic()
                if keys is not None:
                    self._keys, self._fetched_at = keys, now
                pause = FIRST_PAUSE if self._keys is None else PAUSE
                self._may_fetch_at = now + pause
                self._flight = None
            flight.set_result(None)


def run(steps: Steps[_T]) -> _T:
    """Takes the steps, and waits in this thread."""
    try:
        while True:
            flight = next(steps)
            if flight is not None:
                wait([flight], _http.TIMEOUT)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def run_async(steps: Steps[_T]) -> _T:
    """Takes the steps, and lets other tasks go on while it waits."""
    try:
        while True:
            flight = next(steps)
            if flight is not None:
                # Not `wait_for`, which would cancel the fetch that others wait for too.
                await asyncio.wait([asyncio.wrap_future(flight)], timeout=_http.TIMEOUT)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
