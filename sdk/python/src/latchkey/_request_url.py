"""The URL of a request, as the claim `htu` is compared (RFC 9449 section 4.3, check 9)."""

from __future__ import annotations

import ipaddress
import re

_URL = re.compile(r"(https?)://(\[[^\]]*\]|[^/:]*)(?::([^/]*))?(/.*)?", re.IGNORECASE | re.DOTALL)
_LABEL = re.compile(r"[a-z0-9_-]+", re.ASCII)
_PORT = re.compile(r"[1-9][0-9]*", re.ASCII)
_NUMBER = re.compile(r"0x.*|[0-9]+", re.ASCII)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]*", re.ASCII)
_SEGMENT = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-F]{2})*", re.ASCII)


def normalized(url: str) -> str | None:
    """The URL without query and fragment, normalized by syntax and scheme (RFC 3986 sections 6.2.2 and 6.2.3).

    `None` for what is not one of http or https, and for what two readers could take for two different ones.
    """
    found = _URL.fullmatch(re.split(r"[?#]", url, maxsplit=1)[0])
    if found is None:
        return None
    scheme, host, port, path = found[1].lower(), _host(found[2].lower()), found[3] or "", _path(found[4] or "/")
    default = {"http": 80, "https": 443}[scheme]
    if host is None or path is None or (port and (not _PORT.fullmatch(port) or int(port) > 65535)):
        return None
    return f"{scheme}://{host}{f':{port}' if port and int(port) != default else ''}{path}"


def _host(host: str) -> str | None:
    try:
        if host.startswith("[") and "%" not in host:
            return f"[{ipaddress.IPv6Address(host[1:-1])}]"
        labels = host.split(".")
        if _NUMBER.fullmatch(labels[-1]):
            # Browsers take it for an address, which counts in one form only.
            return str(ipaddress.IPv4Address(host))
    except ValueError:
        return None
    return host if all(_LABEL.fullmatch(label) for label in labels) else None


def _path(path: str) -> str | None:
    """The path without dot segments (RFC 3986 section 5.2.4)."""
    kept: list[str] = []
    segments = [_ESCAPE.sub(_unescaped, segment) for segment in path[1:].split("/")]
    for place, segment in enumerate(segments):
        is_last = place + 1 == len(segments)
        # Some servers merge slashes. The last segment is empty if the path ends with one.
        if not _SEGMENT.fullmatch(segment) or (not segment and not is_last):
            return None
        # What is removed must be plain: for servers that unescape first, `a%2Fb/..` is `a/`.
        if segment == ".." and not (kept and _UNRESERVED.fullmatch(kept.pop())):
            return None
        if segment not in (".", ".."):
            kept.append(segment)
        elif is_last:
            kept.append("")
    return "/" + "/".join(kept)


def _unescaped(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()
