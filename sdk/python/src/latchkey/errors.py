"""Why a request is refused."""

from __future__ import annotations

# What no token can help with: the client may try again.
_UNAVAILABLE = frozenset({"keys_unavailable", "unavailable"})


class LatchkeyError(Exception):
    """A request is refused.

    `code` is stable and the same in every SDK (see the table in sdk/README.md). It is for logs; the client learns
    `www_authenticate` only.
    """

    def __init__(self, code: str, detail: str = "", *, scope: str | None = None, is_proof: bool = False) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.scope = scope
        #: Whether the proof of possession is refused, and not the token.
        self.is_proof = is_proof

    @property
    def status(self) -> int:
        """The HTTP status: 401, 403 or 503."""
        if self.code in _UNAVAILABLE:
            return 503
        return 403 if self.code == "insufficient_scope" else 401

    @property
    def www_authenticate(self) -> str | None:
        """The challenge (RFC 6750 section 3); without an error code if the request had no token (section 3.1)."""
        if self.code in _UNAVAILABLE:
            return None
        if self.code == "missing":
            return "Bearer"
        if self.code == "insufficient_scope":
            return f'Bearer error="insufficient_scope", scope="{self.scope}"'
        if self.is_proof:
            # RFC 9449 section 7.1.
            return 'DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256"'
        return 'Bearer error="invalid_token"'

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers of the response, which has no body."""
        challenge = self.www_authenticate
        first = ("WWW-Authenticate", challenge) if challenge else ("Retry-After", "5")
        return [first, ("Cache-Control", "no-store"), ("Content-Length", "0")]


class Denied(Exception):
    """`/verify` denies access.

    `code` is one of `step_up_required` (redirect to `url`), `no_access`, `unauthenticated`, `service_not_found`,
    `use_dpop_nonce` (respond 401 with `nonce` in `DPoP-Nonce`, RFC 9449 section 9), `rate_limited` (the program may come again
    after `retry_after` seconds) and `unavailable` (ask again after `retry_after` seconds).
    """

    def __init__(
        self, code: str, *, url: str | None = None, nonce: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.url = url
        self.nonce = nonce
        self.retry_after = retry_after
