"""Requests with a token that is bound to a key, and with proofs of it (RFC 9449)."""

import asyncio
import unittest
from typing import Any

from latchkey import CLAIMS, AsgiMiddleware, Proof, UsedProofs, WsgiMiddleware

from .issuer import VECTORS, Issuer, ManualClock, token

ORIGIN = "https://photos.example.com"
CASE: dict[str, str] = next(case for case in VECTORS["proofs"] if case["name"] == "proof with EdDSA")
DPOP, PROOF = f"DPoP {CASE['token']}", CASE["proof"]
INVALID_TOKEN = 'Bearer error="invalid_token"'
INVALID_PROOF = 'DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256"'
ACCEPTED = 'DPoP algs="EdDSA ES256 RS256"'
GOOD = token("EdDSA is accepted")

#: What is sent as Authorization and DPoP, method and path, the status, and the challenges. The proof is for `GET /album`.
CASES: list[tuple[str, list[str], str, str, int, list[str]]] = [
    (DPOP, [PROOF], "GET", "/album", 200, []),
    (DPOP.replace("DPoP", "dpop"), [PROOF], "GET", "/album", 200, []),
    (DPOP, [PROOF], "POST", "/album", 401, [INVALID_PROOF]),
    (DPOP, [PROOF], "GET", "/", 401, [INVALID_PROOF]),
    (DPOP, [PROOF], "GET", "/albüm", 401, [INVALID_PROOF]),
    (DPOP, [PROOF + "x"], "GET", "/album", 401, [INVALID_PROOF]),
    (DPOP, [], "GET", "/album", 401, [INVALID_TOKEN, ACCEPTED]),
    # RFC 9449 section 7.2: it must not be downgraded.
    (DPOP.replace("DPoP", "Bearer"), [PROOF], "GET", "/album", 401, [INVALID_TOKEN, ACCEPTED]),
    (f"DPoP {GOOD}", [PROOF], "GET", "/album", 401, [INVALID_TOKEN, ACCEPTED]),
    (f"Bearer {GOOD}", [], "GET", "/album", 200, []),
    ("Basic YTpi", [PROOF], "GET", "/album", 401, ["Bearer", ACCEPTED]),
]


class DpopMiddleware(unittest.TestCase):
    def setUp(self) -> None:
        self.issuer = Issuer()
        self.addCleanup(self.issuer.stop)
        self.options: dict[str, Any] = {"origin": f"{ORIGIN}/"}

    def wsgi(self) -> Any:
        def application(environ: dict[str, Any], respond: Any) -> list[bytes]:
            respond("200 OK", [])
            return [environ[CLAIMS].subject.encode()]

        wrapped = WsgiMiddleware(application, self.issuer.verifier(), **self.options)

        def send(authorization: str, proofs: list[str], method: str, path: str) -> tuple[int, list[str]]:
            started: list[Any] = []
            # A server joins two headers of one name.
            headers = {"HTTP_AUTHORIZATION": authorization} | ({"HTTP_DPOP": ",".join(proofs)} if proofs else {})
            environ = {"REQUEST_METHOD": method, "SCRIPT_NAME": path[:2], "PATH_INFO": path[2:], **headers}
            environ |= {"PATH_INFO": path[2:].encode().decode("latin-1"), "QUERY_STRING": "page=2"}
            list(wrapped(environ, lambda *args: started.append(args)))
            ((status, sent),) = started
            return int(status.split()[0]), [value for name, value in sent if name == "WWW-Authenticate"]

        return send

    def asgi(self) -> Any:
        async def application(scope: Any, _receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": scope[CLAIMS].subject.encode()})

        wrapped = AsgiMiddleware(application, self.issuer.verifier(), **self.options)

        def send(authorization: str, proofs: list[str], method: str, path: str) -> tuple[int, list[str]]:
            sent: list[dict[str, Any]] = []

            async def collect(message: dict[str, Any]) -> None:
                sent.append(message)

            headers = [(b"authorization", authorization.encode()), *((b"dpop", proof.encode()) for proof in proofs)]
            scope = {"type": "http", "method": method, "path": path, "query_string": b"page=2", "headers": headers}
            asyncio.run(wrapped(scope, None, collect))  # type: ignore[arg-type]
            challenges = [value.decode() for name, value in sent[0]["headers"] if name == b"www-authenticate"]
            return sent[0]["status"], challenges

        return send

    def test_a_bound_token_is_accepted_with_a_proof_for_this_request_alone(self) -> None:
        for make in (self.wsgi, self.asgi):
            for *request, status, challenges in CASES:
                with self.subTest((make.__name__, request)):
                    self.assertEqual(make()(*request), (status, challenges))

    def test_a_proof_is_used_once(self) -> None:
        for make in (self.wsgi, self.asgi):
            send = make()
            self.assertEqual(send(DPOP, [PROOF], "GET", "/album"), (200, []))
            self.assertEqual(send(DPOP, [PROOF], "GET", "/album"), (401, [INVALID_PROOF]))
        self.assertEqual(self.asgi()(DPOP, [PROOF, PROOF], "GET", "/album"), (401, [INVALID_TOKEN, ACCEPTED]))

    def test_an_application_may_remember_proofs_itself(self) -> None:
        seen: list[str] = []
        self.options["mark_used"] = lambda proof: seen.append(proof.id) is None
        send = self.wsgi()
        for _ in range(2):
            self.assertEqual(send(DPOP, [PROOF], "GET", "/album"), (200, []))
        self.assertEqual(len(seen), 2)

    def test_without_an_origin_no_proof_is_read(self) -> None:
        self.options = {}
        for make in (self.wsgi, self.asgi):
            self.assertEqual(make()(DPOP, [PROOF], "GET", "/album"), (401, ["Bearer"]))
            self.assertEqual(make()(DPOP.replace("DPoP", "Bearer"), [], "GET", "/album"), (401, [INVALID_TOKEN]))

    def test_no_more_proofs_are_accepted_than_can_be_remembered(self) -> None:
        now = VECTORS["now"]
        used = UsedProofs(ManualClock(), 2)
        self.assertTrue(used(Proof("x", "1", now - 1)))
        self.assertFalse(used(Proof("x", "1", now - 1)))
        self.assertTrue(used(Proof("x", "2", now)))
        # The first is no longer usable, so there is room for another.
        self.assertTrue(used(Proof("y", "1", now)))
        self.assertFalse(used(Proof("y", "2", now)))
        self.assertFalse(used(Proof("x", "2", now)))
