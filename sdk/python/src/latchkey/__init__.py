"""Verifies who calls a service that Latchkey protects."""

from ._proof import MarkUsed, Proof
from ._used_proofs import UsedProofs
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
    "MarkUsed",
    "Proof",
    "Service",
    "UsedProofs",
    "User",
    "Verifier",
    "WsgiMiddleware",
]
