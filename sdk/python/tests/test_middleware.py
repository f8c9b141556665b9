"""Requests that reach the application, and responses to those that do not."""

import asyncio
import unittest
from typing import Any

from latchkey import CLAIMS, IDENTITY_HEADER, AsgiMiddleware, Claims, LatchkeyError, WsgiMiddleware

from .issuer import Issuer, token

GOOD = f"Bearer {token('EdDSA is accepted')}"
IDENTITY = token("identity token with ES256")
INVALID = 'Bearer error="invalid_token"'

#: What is sent as Authorization, the status, and the challenge.
CASES: list[tuple[list[str], int, str | None]] = [
    ([GOOD], 200, None),
    ([GOOD.replace("Bearer", "bEARER")], 200, None),
    ([], 401, "Bearer"),
    ([""], 401, "Bearer"),
    (["Bearer"], 401, "Bearer"),
    (["Bearer "], 401, "Bearer"),
    ([GOOD.replace(" ", "  ")], 401, "Bearer"),
    ([GOOD.replace("Bearer", "DPoP")], 401, "Bearer"),
    (["Basic YTpi"], 401, "Bearer"),
    ([GOOD + ", " + GOOD], 401, "Bearer"),
    (["Bearer abc"], 401, INVALID),
    ([f"Bearer {IDENTITY}"], 401, INVALID),
    ([f"Bearer {token('exp 5 s ago')}"], 401, INVALID),
    ([f"Bearer {token('EdDSA with a changed signature')}"], 401, INVALID),
]


class Wsgi(unittest.TestCase):
    def setUp(self) -> None:
        self.issuer = Issuer()
        self.addCleanup(self.issuer.stop)
        self.verifier = self.issuer.verifier()

    def get(self, headers: dict[str, str], **options: Any) -> tuple[int, str | None, bytes]:
        def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            claims = environ[CLAIMS]
            if environ["PATH_INFO"] == "/admin":
                claims.require("photos:admin")
            start_response("200 OK", [])
            if environ["PATH_INFO"] == "/late":
                claims.require("photos:admin")
            return [claims.subject.encode()]

        started: list[Any] = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": headers.pop("path", "/")}
        environ |= {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
        wrapped = WsgiMiddleware(application, self.verifier, **options)
        body = b"".join(wrapped(environ, lambda *args: started.append(args)))
        ((status, sent),) = started
        return int(status.split()[0]), dict(sent).get("WWW-Authenticate"), body

    def test_the_authorization_header_decides(self) -> None:
        for values, status, challenge in CASES:
            with self.subTest(values):
                headers = {"Authorization": value for value in values}
                found = self.get(headers)
                self.assertEqual(found[:2], (status, challenge))
                self.assertEqual(found[2] == b"5f9f28b81e27a96bde3e393b1effb7c8", status == 200)

    def test_a_scope_is_required_by_the_middleware_or_the_handler(self) -> None:
        wanted = (403, 'Bearer error="insufficient_scope", scope="photos:admin"', b"")
        self.assertEqual(self.get({"Authorization": GOOD}, scope="photos:read")[0], 200)
        self.assertEqual(self.get({"Authorization": GOOD}, scope="photos:admin"), wanted)
        self.assertEqual(self.get({"Authorization": GOOD, "path": "/admin"}), wanted)
        with self.assertRaisesRegex(LatchkeyError, "insufficient_scope"):
            self.get({"Authorization": GOOD, "path": "/late"})

    def test_the_identity_token_of_a_proxy(self) -> None:
        options = {"identity_header": IDENTITY_HEADER}
        self.assertEqual(self.get({IDENTITY_HEADER: IDENTITY}, **options)[0], 200)
        self.assertEqual(self.get({"Authorization": GOOD}, **options)[0], 401)
        self.assertEqual(self.get({IDENTITY_HEADER: GOOD[7:]}, **options)[1], INVALID)
        self.assertEqual(self.get({IDENTITY_HEADER: IDENTITY + "," + IDENTITY}, **options)[1], INVALID)

    def test_without_keys_the_service_is_unavailable(self) -> None:
        self.issuer.status = 500
        self.assertEqual(self.get({"Authorization": GOOD}), (503, None, b""))


class Asgi(unittest.TestCase):
    def setUp(self) -> None:
        self.issuer = Issuer()
        self.addCleanup(self.issuer.stop)
        self.verifier = self.issuer.verifier()

    def messages(self, values: list[str], **more: Any) -> list[dict[str, Any]]:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "websocket":
                await send({"type": "websocket.accept"})
            if scope["type"] == "http":
                if scope["path"] == "/admin":
                    scope[CLAIMS].require("photos:admin")
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": scope[CLAIMS].subject.encode()})
                if scope["path"] == "/late":
                    scope[CLAIMS].require("photos:admin")

        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        headers = [(b"authorization", value.encode()) for value in values]
        scope = {"type": "http", "path": "/", "headers": headers} | more
        asyncio.run(AsgiMiddleware(application, self.verifier)(scope, None, send))  # type: ignore[arg-type]
        return sent

    def test_the_authorization_header_decides(self) -> None:
        for values, status, challenge in [*CASES, ([GOOD, GOOD], 401, "Bearer")]:
            with self.subTest(values):
                start, body = self.messages(values)
                found = dict(start["headers"]).get(b"www-authenticate")
                self.assertEqual(start["status"], status)
                self.assertEqual(found.decode() if found else None, challenge)
                self.assertEqual(bool(body["body"]), status == 200)

    def test_a_handler_may_require_a_scope_before_it_responds(self) -> None:
        self.assertEqual(self.messages([GOOD], path="/admin")[0]["status"], 403)
        with self.assertRaisesRegex(LatchkeyError, "insufficient_scope"):
            self.messages([GOOD], path="/late")

    def test_requests_wait_for_one_fetch_together_and_others_go_on(self) -> None:
        async def scenario() -> list[Any]:
            self.issuer.gate.clear()
            token = GOOD[7:]
            tasks = [asyncio.create_task(self.verifier.access_token_async(token)) for _ in range(200)]
            await asyncio.sleep(0.1)
            tasks[0].cancel()
            self.issuer.gate.set()
            return await asyncio.gather(*tasks, return_exceptions=True)

        first, *others = asyncio.run(scenario())
        self.assertIsInstance(first, asyncio.CancelledError)
        self.assertTrue(all(isinstance(other, Claims) for other in others))
        self.assertEqual(len(self.issuer.requests), 1)

    def test_without_keys_the_service_is_unavailable(self) -> None:
        self.issuer.status = 500
        self.assertEqual(self.messages([GOOD])[0]["status"], 503)

    def test_websockets_are_verified_and_lifespan_is_not(self) -> None:
        self.assertEqual(self.messages([GOOD], type="websocket"), [{"type": "websocket.accept"}])
        self.assertEqual(self.messages([], type="websocket"), [{"type": "websocket.close", "code": 1008}])
        self.assertEqual(self.messages([], type="lifespan"), [])
        with self.assertRaises(RuntimeError):
            self.messages([GOOD], type="unheard-of")
