"""When keys are fetched, and what happens when they cannot be."""

import json
import threading
import time
import unittest

from latchkey import LatchkeyError

from .issuer import KEYS, VECTORS, Issuer, ManualClock, token

GOOD = token("EdDSA is accepted")
UNKNOWN = token("key id of no key")


def without(kind: str) -> bytes:
    keys = [key for key in VECTORS["jwks"]["keys"] if isinstance(key, dict) and key["kty"] != kind]
    return json.dumps({"keys": keys}).encode()


class Keys(unittest.TestCase):
    def setUp(self) -> None:
        self.issuer = Issuer()
        self.addCleanup(self.issuer.stop)
        self.clock = ManualClock()
        self.verifier = self.issuer.verifier(self.clock)

    def code(self, token: str) -> str:
        try:
            self.verifier.access_token(token)
        except LatchkeyError as error:
            return error.code
        return "ok"

    @property
    def fetches(self) -> int:
        return len(self.issuer.requests)

    def test_keys_are_fetched_at_first_use_and_every_five_minutes(self) -> None:
        self.assertEqual(self.fetches, 0)
        for elapsed, fetches in [(0, 1), (299, 1), (300, 2), (599, 2), (601, 3)]:
            self.clock.elapsed = elapsed
            self.assertEqual((self.code(GOOD), self.fetches), ("ok", fetches))

    def test_a_new_key_is_found_at_once_and_a_removed_one_within_five_minutes(self) -> None:
        self.issuer.body = without("OKP")
        self.assertEqual(self.code(token("ES256 is accepted")), "ok")
        self.issuer.body = without("EC")
        self.assertEqual((self.code(GOOD), self.fetches), ("ok", 2))
        self.assertEqual(self.code(token("ES256 is accepted")), "key_id")
        self.issuer.body = without("OKP")
        self.clock.elapsed = 301
        self.assertEqual(self.code(GOOD), "key_id")

    def test_forged_key_ids_cause_one_fetch_in_thirty_seconds(self) -> None:
        self.assertEqual(self.code(GOOD), "ok")
        for elapsed, fetches in [(0, 2), (29, 2), (30, 3), (59, 3), (60, 4)]:
            self.clock.elapsed = elapsed
            for _ in range(20):
                self.assertEqual(self.code(UNKNOWN), "key_id")
            self.assertEqual(self.fetches, fetches)

    def test_tokens_without_key_id_or_with_a_broken_form_cause_no_fetch(self) -> None:
        for name in ["no key id", "encoding: padding of the signature", "8193 bytes"]:
            self.code(token(name if name != "8193 bytes" else "encoding: 8193 bytes"))
        self.assertEqual(self.fetches, 0)

    def test_an_outage_is_survived_for_a_day(self) -> None:
        self.assertEqual(self.code(GOOD), "ok")
        self.issuer.stop()
        for elapsed in [301, 302, 3600, 86_399]:
            self.clock.elapsed = elapsed
            self.assertEqual(self.code(GOOD), "ok")
        self.clock.elapsed = 86_400
        self.assertEqual(self.code(GOOD), "keys_unavailable")

    def test_during_an_outage_one_fetch_in_thirty_seconds_is_tried(self) -> None:
        self.assertEqual(self.code(GOOD), "ok")
        self.issuer.status = 500
        for elapsed, fetches in [(300, 2), (301, 2), (329, 2), (330, 3)]:
            self.clock.elapsed = elapsed
            self.assertEqual((self.code(GOOD), self.fetches), ("ok", fetches))
        self.issuer.status = 200
        self.clock.elapsed = 360
        self.assertEqual((self.code(GOOD), self.fetches), ("ok", 4))

    def test_without_keys_every_token_is_refused_until_there_are_some(self) -> None:
        too_large = KEYS + b" " * 65536
        bad = [(503, KEYS), (302, KEYS), (200, b"{}"), (200, b"[]"), (200, b"\xff"), (200, too_large)]
        for place, (self.issuer.status, self.issuer.body) in enumerate(bad):
            self.issuer.headers = {"Location": "/elsewhere"}
            self.clock.elapsed = place
            self.assertEqual(self.code(GOOD), "keys_unavailable")
            self.assertEqual(self.code(GOOD), "keys_unavailable")
            self.assertEqual(self.fetches, place + 1)
        self.issuer.status, self.issuer.body = 200, KEYS
        self.clock.elapsed = len(bad)
        self.assertEqual(self.code(GOOD), "ok")

    def test_concurrent_callers_share_one_fetch(self) -> None:
        self.issuer.gate.clear()
        codes: list[str] = []
        threads = [
            threading.Thread(target=lambda: codes.append(self.code(GOOD))) for _ in range(32)
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.1)
        self.issuer.gate.set()
        for thread in threads:
            thread.join(5)
        self.assertEqual((codes, self.fetches), (["ok"] * 32, 1))

    def test_an_issuer_that_does_not_respond_is_given_up_after_three_seconds(self) -> None:
        self.issuer.gate.clear()
        start = time.monotonic()
        self.assertEqual(self.code(GOOD), "keys_unavailable")
        self.assertTrue(2.5 < time.monotonic() - start < 4.5)
