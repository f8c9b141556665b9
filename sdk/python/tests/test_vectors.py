"""Every case of sdk/vectors.json."""

import unittest

from latchkey import LatchkeyError

from .issuer import KEYS, NOW, VECTORS, Issuer


class Vectors(unittest.TestCase):
    def test_every_case(self) -> None:
        issuer = Issuer()
        self.addCleanup(issuer.stop)
        verifier = issuer.verifier()
        for case in VECTORS["cases"]:
            with self.subTest(case["name"]):
                verify = {"access": verifier.access_token, "identity": verifier.identity_token}
                found: object
                try:
                    found = verify[case["as"]](case["token"]).all
                except LatchkeyError as error:
                    found = error.code
                self.assertEqual(found, case["expected"])

    def test_claims_are_typed(self) -> None:
        issuer = Issuer()
        self.addCleanup(issuer.stop)
        cases = {case["name"]: case["token"] for case in VECTORS["cases"]}
        verifier = issuer.verifier()
        claims = verifier.access_token(cases["EdDSA is accepted"])
        self.assertEqual(claims.subject, "5f9f28b81e27a96bde3e393b1effb7c8")
        self.assertEqual((claims.audience, claims.id), ("photos", "j1"))
        self.assertEqual(claims.scopes, {"photos:read", "photos:write"})
        self.assertEqual((claims.issued_at, claims.expires_at), (NOW, NOW + 120))
        self.assertIsNone(verifier.identity_token(cases["identity token with ES256"]).id)
        no_list = verifier.access_token(cases['claims with {"scope":["photos:read"]}'])
        self.assertEqual(no_list.scopes, frozenset())
        self.assertGreater(len(KEYS), 1000)
