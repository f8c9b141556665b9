"""Verifies who calls a service that Latchkey protects."""

from .errors import Denied, LatchkeyError
from .middleware import CLAIMS, IDENTITY_HEADER, AsgiMiddleware, WsgiMiddleware
from .service import AcceptedToken, Service, User
from .verifier import Claims, Verifier

__all__ = [
    "CLAIMS",
    "IDENTITY_HEADER",
    "AcceptedToken",
    "AsgiMiddleware",
    "Claims",
    "Denied",
    "LatchkeyError",
    "Service",
    "User",
    "Verifier",
    "WsgiMiddleware",
]
