"""The SDK with a real server: the whole life of a token, from its issue to the server's end.

Its name is the last of those that need the server, because it stops it.
"""

import os
import signal
import time
import unittest
from collections.abc import Callable

from latchkey import Denied, LatchkeyError, Service, Verifier

from . import latchkey_server as server


@server.needs_server
class WithLatchkey(unittest.TestCase):
    def test_the_life_of_a_token(self) -> None:
        self.verifier = Verifier(server.URL, "photos")
        self.service = Service(server.INTERNAL_URL, *server.SERVICE)
        self.token = server.issue()
        for step in [
            self.it_is_accepted,
            self.others_are_refused,
            self.a_user_is_verified,
            self.revocation_is_noticed_by_the_server_only,
            self.new_keys_are_followed,
            self.an_outage_is_survived,
        ]:
            with self.subTest(step.__name__):
                step()

    def it_is_accepted(self) -> None:
        claims = self.verifier.access_token(self.token)
        accepted = self.service.verify_token(self.token)
        said = self.introspect(self.token)
        scopes = frozenset({server.SCOPE})
        self.assertEqual((claims.subject, claims.scopes), (server.CLIENT_ID, scopes))
        self.assertEqual((accepted.client_id, accepted.scopes), (server.CLIENT_ID, scopes))
        self.assertEqual({claims.id, accepted.id}, {said["jti"]})
        self.assertEqual(claims.expires_at - claims.issued_at, 120)

    def others_are_refused(self) -> None:
        for token, offline in [
            (server.EXPIRED_TOKEN, "expired"),
            (server.tampered(self.token, scope="everything"), "signature"),
            (server.unsigned(self.token), "algorithm"),
            (server.signed_with_the_public_key(self.token), "algorithm"),
        ]:
            with self.subTest(offline):
                self.refuses(offline, lambda: self.verifier.access_token(token))
                self.refuses("inactive", lambda: self.introspect(token))
                self.denies("unauthenticated", lambda: self.service.verify_token(token))
        mail = Verifier(server.URL, "mail")
        self.refuses("audience", lambda: mail.access_token(self.token))
        self.refuses("audience", lambda: mail.introspect(server.CLIENT_ID, server.CLIENT_SECRET, self.token))
        other = Service(server.INTERNAL_URL, *server.OTHER_SERVICE)
        self.denies("unauthenticated", lambda: other.verify_token(self.token))
        elsewhere = Verifier("https://login.example.com", "photos", f"{server.URL}/.well-known/jwks.json")
        self.refuses("issuer", lambda: elsewhere.access_token(self.token))
        self.refuses("unavailable", lambda: self.verifier.introspect(server.CLIENT_ID, "wrong", self.token))

    def a_user_is_verified(self) -> None:
        user = self.service.verify_user(server.COOKIE)
        self.assertEqual((user.email, user.assurance), ("grace@example.com", "registered"))
        self.denies("unauthenticated", lambda: self.service.verify_user(f"{server.COOKIE}x"))
        other = Service(server.INTERNAL_URL, *server.OTHER_SERVICE)
        self.denies("no_access", lambda: other.verify_user(server.COOKIE))
        mistaken = Service(server.INTERNAL_URL, "mail", server.SERVICE[1])
        self.denies("service_not_found", lambda: mistaken.verify_user(server.COOKIE))

    def revocation_is_noticed_by_the_server_only(self) -> None:
        revoked = server.issue()
        self.service.verify_token(revoked)
        server.revoke(revoked)
        self.denies("unauthenticated", lambda: self.service.verify_token(revoked))
        self.refuses("inactive", lambda: self.introspect(revoked))
        self.verifier.access_token(revoked)

    def new_keys_are_followed(self) -> None:
        server.rotate_keys()
        deadline = time.monotonic() + 30
        while server.header_of(new := server.issue()) == server.header_of(self.token):
            self.assertLess(time.monotonic(), deadline, "the server reads its keys every ten seconds")
            time.sleep(0.1)
        self.verifier.access_token(new)
        self.refuses("key_id", lambda: self.verifier.access_token(self.token))
        self.token = new

    def an_outage_is_survived(self) -> None:
        os.kill(int(os.environ["LATCHKEY_PID"]), signal.SIGKILL)
        self.verifier.access_token(self.token)
        fresh = Verifier(server.URL, "photos")
        self.refuses("keys_unavailable", lambda: fresh.access_token(self.token))
        self.refuses("unavailable", lambda: self.introspect(self.token))
        self.denies("unavailable", lambda: self.service.verify_token(self.token))

    def introspect(self, token: str) -> dict[str, object]:
        return self.verifier.introspect(server.CLIENT_ID, server.CLIENT_SECRET, token)

    def refuses(self, code: str, call: Callable[[], object]) -> None:
        with self.assertRaises(LatchkeyError) as refused:
            call()
        self.assertEqual(refused.exception.code, code)

    def denies(self, code: str, call: Callable[[], object]) -> None:
        with self.assertRaises(Denied) as denied:
            call()
        self.assertEqual(denied.exception.code, code)
