"""Libraries of others with a real server: PyJWT and Authlib get, use and verify its tokens, and refuse others."""

import base64
import hashlib
import secrets
import threading
import time
import unittest
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import jwt
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6750 import InvalidTokenError
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from jwt.algorithms import ECAlgorithm

from latchkey import CLAIMS, Denied, LatchkeyError, Service, Verifier, WsgiMiddleware

from . import latchkey_server as server


def forgeries(token: str, expired: str) -> dict[str, str]:
    """Tokens that nobody may accept, by what is wrong with them."""
    return {
        "expired": expired,
        "tampered": server.tampered(token, scope="everything"),
        "none": server.unsigned(token),
        "HS256": server.signed_with_the_public_key(token),
    }


@server.needs_server
class PyJwt(unittest.TestCase):
    def decode(self, token: str, issuer: str = server.URL, audience: str = "photos") -> dict[str, Any]:
        keys = jwt.PyJWKClient(f"{server.URL}/.well-known/jwks.json")
        key = keys.get_signing_key_from_jwt(token)
        required = {"require": ["exp", "iat", "sub", "jti"]}
        return jwt.decode(token, key, algorithms=["EdDSA", "ES256", "RS256"], audience=audience, issuer=issuer, options=required)

    client: tuple[str, ...] = (server.CLIENT_ID, server.CLIENT_SECRET, server.EXPIRED_TOKEN)

    def test_a_token_is_verified(self) -> None:
        claims = self.decode(server.issue(*self.client[:2]))
        self.assertEqual((claims["sub"], claims["scope"]), (self.client[0], server.SCOPE))

    def test_others_are_refused(self) -> None:
        token = server.issue(*self.client[:2])
        for name, forged in forgeries(token, self.client[2]).items():
            expected = {
                "expired": jwt.ExpiredSignatureError,
                "tampered": jwt.InvalidSignatureError,
                "none": jwt.InvalidAlgorithmError,
                "HS256": jwt.InvalidAlgorithmError,
            }[name]
            with self.subTest(name), self.assertRaises(expected):
                self.decode(forged)
        with self.assertRaises(jwt.InvalidAudienceError):
            self.decode(token, audience="mail")
        with self.assertRaises(jwt.InvalidIssuerError):
            self.decode(token, issuer="https://login.example.com")


@server.needs_server
class PyJwtRs256(PyJwt):
    client = server.RS256_CLIENT


@server.needs_server
class PyJwtDpop(unittest.TestCase):
    """A client whose tokens are bound to its key (RFC 9449), with proofs that PyJWT signs."""

    ALBUM = "https://photos.example.com/album"

    def setUp(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())

    def proof(self, method: str, url: str, **claims: str) -> str:
        jwk = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        payload = {"htm": method, "htu": url, "iat": int(time.time()), "jti": secrets.token_urlsafe(16)}
        return jwt.encode(payload | claims, self.key, "ES256", {"typ": "dpop+jwt", "jwk": jwk})

    def fetch(self) -> str:
        url = f"{server.URL}/oauth/token"
        form = {"grant_type": "client_credentials"}
        credentials = (server.CLIENT_ID, server.CLIENT_SECRET)
        asked = requests.post(url, form, auth=credentials, headers={"DPoP": self.proof("POST", url)}, timeout=5)
        self.assertEqual(asked.json(), {"error": "use_dpop_nonce"})
        proof = self.proof("POST", url, nonce=asked.headers["DPoP-Nonce"])
        issued = requests.post(url, form, auth=credentials, headers={"DPoP": proof}, timeout=5).json()
        self.assertEqual(issued["token_type"], "DPoP")
        return str(issued["access_token"])

    def test_the_middleware_reads_proofs(self) -> None:
        def application(environ: Any, respond: Any) -> list[bytes]:
            respond("200 OK", [])
            return [environ[CLAIMS].subject.encode()]

        token = self.fetch()
        ath = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
        protected = WsgiMiddleware(application, Verifier(server.URL, "photos"), origin="https://photos.example.com")

        def status(scheme: str, proof: str) -> str:
            environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/album", "HTTP_AUTHORIZATION": f"{scheme} {token}", "HTTP_DPOP": proof}
            found: list[str] = []
            list(protected(environ, lambda status, _: found.append(status)))
            return found[0]

        proof = self.proof("GET", self.ALBUM, ath=ath)
        self.assertEqual(status("DPoP", proof), "200 OK")
        self.assertEqual(status("DPoP", proof), "401 Unauthorized")
        self.assertEqual(status("Bearer", self.proof("GET", self.ALBUM, ath=ath)), "401 Unauthorized")

    def test_a_bound_token_is_accepted_with_a_proof_alone(self) -> None:
        token, verifier = self.fetch(), Verifier(server.URL, "photos")
        digest = hashlib.sha256(token.encode()).digest()
        ath = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        proof = self.proof("GET", self.ALBUM, ath=ath)
        claims = verifier.bound_token(token, proof, "GET", self.ALBUM, lambda _: True)
        self.assertEqual(claims.subject, server.CLIENT_ID)
        self.key = ec.generate_private_key(ec.SECP256R1())
        for request in [
            lambda: verifier.access_token(token),
            lambda: verifier.bound_token(token, proof, "POST", self.ALBUM, lambda _: True),
            lambda: verifier.bound_token(token, proof, "GET", self.ALBUM, lambda _: False),
            lambda: verifier.bound_token(token, self.proof("GET", self.ALBUM, ath=ath), "GET", self.ALBUM, lambda _: True),
        ]:
            with self.assertRaises(LatchkeyError) as refused:
                request()
            self.assertEqual(refused.exception.code, "dpop")
        service = Service(server.INTERNAL_URL, *server.SERVICE)
        with self.assertRaises(Denied):
            service.verify_token(token)
        with self.assertRaises(Denied):
            service.verify_bound_token(token, proof, "PUT", self.ALBUM)
        self.assertEqual(service.verify_bound_token(token, proof, "GET", self.ALBUM).client_id, server.CLIENT_ID)
        with self.assertRaises(Denied):
            service.verify_bound_token(token, proof, "GET", self.ALBUM)


class Validator(JWTBearerTokenValidator):  # type: ignore[misc]
    """Authlib's resource server, with the keys that the issuer's metadata name."""

    def get_jwks(self) -> Any:
        metadata = requests.get(f"{server.URL}/.well-known/oauth-authorization-server", timeout=5).json()
        return KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=5).json())

    def check(self, token: str, scope: str = server.SCOPE) -> dict[str, Any]:
        claims = self.authenticate_token(token)
        self.validate_token(claims, [scope], None)
        return dict(claims)


@server.needs_server
class Authlib(unittest.TestCase):
    """Its validator knows no EdDSA, so the client's tokens are signed with ES256."""

    client: tuple[str, ...] = server.ES256_CLIENT

    def setUp(self) -> None:
        self.client_id, secret, self.expired_token = self.client
        self.session = OAuth2Session(self.client_id, secret, scope=server.SCOPE)
        self.addCleanup(self.session.close)

    def fetch(self) -> str:
        return str(self.session.fetch_token(f"{server.URL}/oauth/token")["access_token"])

    def test_a_client_uses_a_token_at_a_service(self) -> None:
        def application(environ: Any, respond: Any) -> list[bytes]:
            respond("200 OK", [("Content-Type", "text/plain")])
            return [environ[CLAIMS].subject.encode()]

        class Silent(WSGIRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

        protected = WsgiMiddleware(application, Verifier(server.URL, "photos"), scope=server.SCOPE)
        with make_server("127.0.0.1", 0, protected, handler_class=Silent) as service:
            threading.Thread(target=service.serve_forever, args=(0.01,), daemon=True).start()
            self.addCleanup(service.shutdown)
            url = f"http://127.0.0.1:{service.server_port}/"
            self.fetch()
            response = self.session.get(url)
            self.assertEqual((response.status_code, response.text), (200, self.client_id))
            for name, forged in forgeries(self.fetch(), self.expired_token).items():
                with self.subTest(name):
                    headers = {"Authorization": f"Bearer {forged}"}
                    self.assertEqual(requests.get(url, headers=headers, timeout=5).status_code, 401)
            service.shutdown()

    def test_a_token_is_verified(self) -> None:
        claims = Validator(server.URL, "photos").check(self.fetch())
        self.assertEqual((claims["client_id"], claims["scope"]), (self.client_id, server.SCOPE))

    def test_others_are_refused(self) -> None:
        token = self.fetch()
        validator = Validator(server.URL, "photos")
        refusal = (JoseError, InvalidTokenError)
        for name, forged in forgeries(token, self.expired_token).items():
            with self.subTest(name), self.assertRaises(refusal):
                validator.check(forged)
        for other in [Validator(server.URL, "mail"), Validator("https://login.example.com", "photos")]:
            with self.assertRaises(refusal):
                other.check(token)

    def test_introspection_and_revocation(self) -> None:
        token = self.fetch()

        def introspect() -> Any:
            return self.session.introspect_token(f"{server.URL}/oauth/introspect", token=token).json()

        said = introspect()
        self.assertEqual((said["active"], said["aud"], said["client_id"]), (True, "photos", self.client_id))
        revoked = self.session.revoke_token(f"{server.URL}/oauth/revoke", token=token)
        self.assertEqual(revoked.status_code, 200)
        self.assertEqual(introspect(), {"active": False})


@server.needs_server
class AuthlibRs256(Authlib):
    client = server.RS256_CLIENT
