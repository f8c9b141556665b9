"""Questions to the server: `/verify/<service>` and introspection (RFC 7662), here against a local server that responds as documented."""

import base64
import json
import unittest
from typing import Any

from latchkey import AcceptedToken, Denied, LatchkeyError, Service, User, Verifier

from .issuer import Issuer

GRANTED: dict[str, Any] = {
    "subject": "5f9f28b81e27a96bde3e393b1effb7c8",
    "scopes": ["read:username", "read:email"],
    "username": "Grace",
    "email": "grace@example.com",
    "device": {"assurance": "passkey"},
    "auth": {"time": 1795262400, "methods": ["hwk", "user"]},
}


class Server(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Issuer()
        self.addCleanup(self.server.stop)

    def answer(self, status: int, body: Any, **headers: str) -> None:
        self.server.status = status
        self.server.headers = headers
        self.server.body = body if isinstance(body, bytes) else json.dumps(body).encode()


class Verify(Server):
    def setUp(self) -> None:
        super().setUp()
        self.service = Service(self.server.url, "photos", "service-token")

    def denial(self) -> tuple[str, str | None, int | None]:
        with self.assertRaises(Denied) as denied:
            self.service.verify_user("a=b")
        return denied.exception.code, denied.exception.url, denied.exception.retry_after

    def test_a_user_with_access(self) -> None:
        self.answer(200, GRANTED)
        user = self.service.verify_user("a=b; c=d")
        scopes = frozenset({"read:username", "read:email"})
        auth = ("passkey", 1795262400, ("hwk", "user"))
        expected = User(GRANTED["subject"], scopes, "Grace", "grace@example.com", None, *auth)
        self.assertEqual(user, expected)
        path, headers, _ = self.server.requests[0]
        self.assertEqual((path, headers["authorization"]), ("/verify/photos", "Bearer service-token"))
        self.assertEqual(headers["cookie"], "a=b; c=d")
        self.assertNotIn("x-original-authorization", headers)

    def test_a_program_with_an_access_token(self) -> None:
        times = {"issued_at": 1795262400, "expires_at": 1795262520}
        accepted = {"subject": "s1", "client_id": "c1", "scopes": ["read"], "token": {"id": "t1"} | times}
        self.answer(200, accepted)
        expected = AcceptedToken("s1", "c1", frozenset({"read"}), "t1", **times, user=None)
        self.assertEqual(self.service.verify_token("a.b.c"), expected)
        _, headers, _ = self.server.requests[0]
        self.assertEqual(headers["x-original-authorization"], "Bearer a.b.c")
        self.assertNotIn("cookie", headers)
        found = self.service.verify_bound_token("a.b.c", "p.p.p", "PUT", "https://photos.example.com/album")
        self.assertEqual(found, expected)
        _, headers, _ = self.server.requests[-1]
        names = ["x-original-authorization", "dpop", "x-original-method", "x-original-url"]
        sent = ["DPoP a.b.c", "p.p.p", "PUT", "https://photos.example.com/album"]
        self.assertEqual([headers[name] for name in names], sent)
        # A token that speaks for a user.
        self.answer(200, accepted | GRANTED)
        found = self.service.verify_token("a.b.c")
        self.assertEqual((found.client_id, found.user), ("c1", self.service.verify_user("a=b")))
        # The response to a cookie is none to a token.
        self.answer(200, GRANTED)
        with self.assertRaisesRegex(Denied, "unavailable"):
            self.service.verify_token("a.b.c")

    def test_every_denial(self) -> None:
        step_up = {"error": "step_up_required", "url": "https://login.example.com/login?step_up=1"}
        for status, body, expected in [
            (401, step_up, ("step_up_required", step_up["url"], None)),
            (401, b"User does not have access to this service", ("no_access", None, None)),
            (404, b"", ("unauthenticated", None, None)),
            (404, b"Service Not Found!", ("service_not_found", None, None)),
            (401, {"error": "use_dpop_nonce"}, ("use_dpop_nonce", None, None)),
            (429, b"", ("rate_limited", None, 2)),
            (503, b"", ("unavailable", None, 2)),
            (500, b"", ("unavailable", None, 2)),
            (302, b"", ("unavailable", None, 2)),
            (200, b"", ("unavailable", None, None)),
            (200, [], ("unavailable", None, None)),
            (200, GRANTED | {"auth": None}, ("unavailable", None, None)),
            (200, b" " * 70_000, ("unavailable", None, None)),
        ]:
            with self.subTest(status=status, body=str(body)[:20]):
                self.answer(status, body, **{"Retry-After": "2", "Location": "/"})
                self.assertEqual(self.denial(), expected)
        self.server.stop()
        self.assertEqual(self.denial(), ("unavailable", None, None))

    def test_the_name_of_a_service_is_one_segment_of_the_path(self) -> None:
        self.answer(200, GRANTED)
        Service(self.server.url + "/", "a/../b?c", "t").verify_user("")
        self.assertEqual(self.server.requests[0][0], "/verify/a%2F..%2Fb%3Fc")


class Introspect(Server):
    def code(self) -> str:
        verifier = Verifier(self.server.url, "photos")
        try:
            verifier.introspect("client:1", "s e&cret", "a.b.c")
        except LatchkeyError as error:
            return error.code
        return "ok"

    def test_the_answer_decides(self) -> None:
        for status, body, expected in [
            (200, {"active": True, "sub": "x"}, "ok"),
            (200, {"active": True, "aud": "photos"}, "ok"),
            (200, {"active": True, "aud": "mail"}, "audience"),
            (200, {"active": True, "cnf": {"jkt": "x"}}, "dpop"),
            (200, {"active": False}, "inactive"),
            (200, {"active": "true"}, "inactive"),
            (200, {"active": 1}, "inactive"),
            (200, {}, "inactive"),
            (200, [], "inactive"),
            (200, b"{", "unavailable"),
            (401, {}, "unavailable"),
            (500, {"active": True}, "unavailable"),
        ]:
            with self.subTest(status=status, body=body):
                self.answer(status, body)
                self.assertEqual(self.code(), expected)

    def test_the_request(self) -> None:
        self.answer(200, {"active": True})
        self.code()
        path, headers, body = self.server.requests[0]
        self.assertEqual((path, body), ("/oauth/introspect", b"token=a.b.c"))
        self.assertEqual(headers["content-type"], "application/x-www-form-urlencoded")
        pair = base64.b64decode(headers["authorization"].removeprefix("Basic "))
        self.assertEqual(pair, b"client%3A1:s+e%26cret")
