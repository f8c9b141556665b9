//! A Latchkey that was started for these tests, as environment variables describe it, and tokens that it did not issue.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use latchkey_client::{Service, Verifier};
use ring::hmac;
use serde_json::{Value, json};
use std::{env, process::Command};

/// The scope of the client's tokens.
pub(super) const SCOPE: &str = "albums:read";

/// The server; its client gets tokens for the service `photos`, and none for `mail`.
pub(super) struct Server {
    /// The issuer, which is the address of the public listener.
    pub(super) url: String,
    internal_url: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) expired_token: String,
    /// That of a user's device; the user has access to `photos`.
    pub(super) cookie: String,
}

impl Server {
    pub(super) fn connect() -> Self {
        Self {
            url: variable("URL"),
            internal_url: variable("INTERNAL_URL"),
            client_id: variable("CLIENT_ID"),
            client_secret: variable("CLIENT_SECRET"),
            expired_token: variable("EXPIRED_TOKEN"),
            cookie: variable("COOKIE"),
        }
    }

    pub(super) fn verifier(&self, audience: &str) -> Verifier {
        Verifier::new(&self.url, audience).unwrap()
    }

    pub(super) fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.url)
    }

    /// A service with the token in this variable.
    pub(super) fn service(&self, name: &str, token: &str) -> Service {
        Service::new(&self.internal_url, name, &variable(token)).unwrap()
    }

    /// A new access token.
    pub(super) async fn issue(&self) -> String {
        let body = self
            .post("/oauth/token", "grant_type=client_credentials")
            .await;
        let issued: Value = serde_json::from_slice(&body).unwrap();
        issued["access_token"].as_str().unwrap().to_owned()
    }

    pub(super) async fn revoke(&self, token: &str) {
        self.post("/oauth/revoke", &format!("token={token}")).await;
    }

    /// The token, signed with HS256 and the issuer's public key as the secret (RFC 8725 §2.1).
    pub(super) async fn signed_with_the_public_key(&self, token: &str) -> String {
        let body = self
            .request(Method::GET, &self.jwks_url(), String::new())
            .await;
        let jwks: Value = serde_json::from_slice(&body).unwrap();
        let mut keys = jwks["keys"].as_array().unwrap().iter();
        let key = keys
            .find(|key| key["kid"] == header_of(token)["kid"])
            .unwrap();
        let secret = BASE64.decode(key["x"].as_str().unwrap()).unwrap();
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        changed(token, "HS256", SCOPE, |text| {
            hmac::sign(&secret, text).as_ref().to_vec()
        })
    }

    async fn post(&self, path: &str, form: &str) -> Vec<u8> {
        let Self {
            url,
            client_id,
            client_secret,
            ..
        } = self;
        let form = format!("{form}&client_id={client_id}&client_secret={client_secret}");
        self.request(Method::POST, &format!("{url}{path}"), form)
            .await
    }

    async fn request(&self, method: Method, url: &str, body: String) -> Vec<u8> {
        let client = Client::builder(TokioExecutor::new()).build_http::<String>();
        let form = "application/x-www-form-urlencoded";
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(header::CONTENT_TYPE, form);
        let response = client.request(request.body(body).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec()
    }
}

/// Makes new keys for access tokens; the server reads them within ten seconds.
pub(super) fn rotate_keys() {
    let rotate = ["key", "rotate", "access_token", "--at-once"];
    let rotated = Command::new(variable("BIN")).args(rotate).output().unwrap();
    assert!(rotated.status.success(), "{rotated:?}");
}

/// Ends the server.
pub(super) fn stop() {
    // The shell's own `kill`, because small containers have no other.
    let kill = ["-c", "kill -KILL \"$LATCHKEY_PID\""];
    assert!(Command::new("sh").args(kill).status().unwrap().success());
}

pub(super) fn header_of(token: &str) -> Value {
    decode(token.split('.').next().unwrap())
}

/// The token with another scope and the same signature.
pub(super) fn tampered(token: &str) -> String {
    let signature = BASE64.decode(token.rsplit('.').next().unwrap()).unwrap();
    changed(token, "EdDSA", "everything", |_| signature)
}

/// The token with the algorithm `none` (RFC 8725 §2.1).
pub(super) fn unsigned(token: &str) -> String {
    changed(token, "none", SCOPE, |_| Vec::new())
}

fn changed(
    token: &str,
    algorithm: &str,
    scope: &str,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let mut header = header_of(token);
    let mut claims = decode(token.split('.').nth(1).unwrap());
    (header["alg"], claims["scope"]) = (json!(algorithm), json!(scope));
    let [header, claims] = [header, claims].map(|part| BASE64.encode(part.to_string()));
    let text = format!("{header}.{claims}");
    let signature = BASE64.encode(sign(text.as_bytes()));
    format!("{text}.{signature}")
}

fn decode(part: &str) -> Value {
    serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap()
}

fn variable(name: &str) -> String {
    env::var(format!("LATCHKEY_{name}")).unwrap()
}
