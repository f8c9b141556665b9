"""Every case of sdk/vectors.json."""

import unittest

from latchkey import LatchkeyError, Proof

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

    def test_every_proof(self) -> None:
        issuer = Issuer()
        self.addCleanup(issuer.stop)
        verifier = issuer.verifier()
        request = (VECTORS["request"]["method"], VECTORS["request"]["url"])
        for case in VECTORS["proofs"]:
            with self.subTest(case["name"]):
                found: object
                try:
                    found = verifier.bound_token(case["token"], case["proof"], *request, lambda _: True).all
                except LatchkeyError as error:
                    found = error.code
                self.assertEqual(found, case["expected"])
        self.assertGreater(len(VECTORS["proofs"]), 90)

    def test_a_proof_is_used_once(self) -> None:
        issuer = Issuer()
        self.addCleanup(issuer.stop)
        case = next(case for case in VECTORS["proofs"] if case["name"] == "proof with EdDSA")
        used: list[Proof] = []

        def mark_used(proof: Proof) -> bool:
            used.append(proof)
            return used.count(proof) == 1

        request = (VECTORS["request"]["method"], VECTORS["request"]["url"])
        claims = issuer.verifier().bound_token(case["token"], case["proof"], *request, mark_used)
        self.assertEqual(used, [Proof(claims.all["cnf"]["jkt"], "EdDSA", NOW + 65)])
        with self.assertRaises(LatchkeyError) as refused:
            issuer.verifier().bound_token(case["token"], case["proof"], *request, mark_used)
        self.assertEqual(refused.exception.code, "dpop")
        challenge = 'DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256"'
        self.assertEqual(refused.exception.www_authenticate, challenge)

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
