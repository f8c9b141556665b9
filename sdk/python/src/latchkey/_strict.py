"""Readers that accept one spelling of everything: what two readers could read differently is refused."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, NoReturn

# How deep objects and lists may be nested.
_MAX_DEPTH = 127

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


def base64url(text: object) -> bytes:
    """Decodes base64url without padding; spare bits must be zero (RFC 4648 section 3.5). Raises `ValueError`."""
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != text:
        raise ValueError("spare bits are not zero")
    return decoded


def json_object(data: bytes) -> dict[str, Any]:
    """Reads an object without duplicate members at any depth. Raises `ValueError`."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
        _check(value, 0)
    except (RecursionError, OverflowError) as error:
        raise ValueError("too deep or too large") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member comes twice")
    return members


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        # Half of a surrogate pair cannot be encoded: the error is a ValueError.
        value.encode("utf-8")
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    elif isinstance(value, int):
        float(value)
    elif isinstance(value, (dict, list)):
        if depth == _MAX_DEPTH:
            raise ValueError("too deep")
        if isinstance(value, dict):
            for name in value:
                name.encode("utf-8")
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)
