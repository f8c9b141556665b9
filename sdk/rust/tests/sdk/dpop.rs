//! Tokens that are bound to a key, and proofs of that key (RFC 9449).

use crate::issuer::{Issuer, VECTORS, token};
use axum::{
    Router,
    body::Body,
    http::{Request, header},
    routing::get,
};
use latchkey_client::{BoundRequest, Error, VerifyLayer};
use latchkey_jose::{Algorithm, SigningKey, dpop, sign};
use serde_json::json;
use tower::ServiceExt;

const ORIGIN: &str = "https://photos.example.com";
const INVALID_TOKEN: &str = r#"Bearer error="invalid_token""#;
const INVALID_PROOF: &str = r#"DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256""#;
const ACCEPTED: &str = r#"DPoP algs="EdDSA ES256 RS256""#;

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(Algorithm::EdDsa, &[byte; 32]).unwrap()
}

/// A token that is bound to a client's key; the vectors' first key signs it.
fn bound_token(client: &SigningKey) -> String {
    let claims = json!({
        "iss": VECTORS.issuer, "aud": VECTORS.audience, "sub": "x", "jti": "j", "iat": VECTORS.now, "exp": VECTORS.now + 120,
        "cnf": {"jkt": client.public().thumbprint()},
    });
    sign(&key(1), "at+jwt", &claims).unwrap()
}

struct Client {
    app: Router,
    key: SigningKey,
    token: String,
}

impl Client {
    fn new(layer: VerifyLayer) -> Self {
        let key = key(20);
        Self {
            app: Router::new().route("/album", get("photos")).layer(layer),
            token: bound_token(&key),
            key,
        }
    }

    /// A proof for a request to `/album`.
    fn proof(&self, jti: &str) -> String {
        self.proof_for("GET", &format!("{ORIGIN}/album"), 0, jti)
    }

    fn proof_for(&self, method: &str, url: &str, age: i64, jti: &str) -> String {
        let (time, token) = (VECTORS.now - age, Some(self.token.as_str()));
        dpop::prove(&self.key, method, url, time, jti, token, None).unwrap()
    }

    /// Sends `GET /album?page=2`: the status, the challenges, and the code of the error.
    async fn send(&self, scheme: &str, proofs: &[&str]) -> (u16, Vec<String>, &'static str) {
        let mut request = Request::get("/album?page=2")
            .header(header::AUTHORIZATION, format!("{scheme} {}", self.token));
        for proof in proofs {
            request = request.header("DPoP", *proof);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let challenges = response.headers().get_all(header::WWW_AUTHENTICATE);
        let challenges = challenges
            .iter()
            .map(|value| value.to_str().unwrap().to_owned());
        let error = response.extensions().get::<Error>();
        (
            response.status().as_u16(),
            challenges.collect(),
            error.map_or("", Error::code),
        )
    }
}

fn refused(challenges: &[&str]) -> (u16, Vec<String>, &'static str) {
    let challenges = challenges.iter().map(|challenge| (*challenge).to_owned());
    (401, challenges.collect(), "dpop")
}

#[tokio::test]
async fn a_bound_token_is_accepted_with_a_new_proof_for_this_request_alone() {
    let layer =
        VerifyLayer::new(Issuer::start().await.verifier()).dpop("https://photos.example.com/");
    let client = Client::new(layer);
    let proof = client.proof("first");
    assert_eq!(client.send("DPoP", &[&proof]).await, (200, vec![], ""));
    assert_eq!(client.send("dpop", &[&client.proof("second")]).await.0, 200);
    // RFC 9449 §11.1.
    assert_eq!(
        client.send("DPoP", &[&proof]).await,
        refused(&[INVALID_PROOF])
    );
    let url = format!("{ORIGIN}/album");
    let stranger = Client {
        key: key(21),
        token: client.token.clone(),
        app: client.app.clone(),
    };
    let other_token = Client {
        key: key(20),
        token: token("EdDSA is accepted").to_owned(),
        app: client.app.clone(),
    };
    for (name, proof) in [
        ("another method", client.proof_for("POST", &url, 0, "a")),
        (
            "another path",
            client.proof_for("GET", &format!("{ORIGIN}/"), 0, "b"),
        ),
        (
            "another host",
            client.proof_for("GET", "https://mail.example.com/album", 0, "c"),
        ),
        ("too old", client.proof_for("GET", &url, 66, "d")),
        ("from the future", client.proof_for("GET", &url, -6, "e")),
        ("another key", stranger.proof("f")),
        ("another token", other_token.proof("g")),
        ("no proof", "x".to_owned()),
    ] {
        let found = client.send("DPoP", &[&proof]).await;
        assert_eq!(found, refused(&[INVALID_PROOF]), "{name}");
    }
}

#[tokio::test]
async fn a_bound_token_is_refused_without_a_proof_and_another_one_with_a_proof() {
    let verifier = Issuer::start().await.verifier();
    let mut client = Client::new(VerifyLayer::new(verifier.clone()).dpop(ORIGIN));
    let both = refused(&[INVALID_TOKEN, ACCEPTED]);
    let proof = &client.proof("once");
    assert_eq!(client.send("DPoP", &[]).await, both);
    assert_eq!(
        client.send("DPoP", &[proof, &client.proof("twice")]).await,
        both
    );
    // RFC 9449 §7.2: it must not be downgraded.
    assert_eq!(client.send("Bearer", &[proof]).await, both);
    let (status, challenges, code) = client.send("Basic", &[proof]).await;
    assert_eq!((status, code), (401, "missing"));
    assert_eq!(challenges, ["Bearer", ACCEPTED]);
    token("EdDSA is accepted").clone_into(&mut client.token);
    assert_eq!(client.send("Bearer", &[]).await.0, 200);
    assert_eq!(client.send("DPoP", &[&client.proof("third")]).await, both);
    let client = Client::new(VerifyLayer::new(verifier));
    let proof = &client.proof("fourth");
    assert_eq!(client.send("DPoP", &[proof]).await.2, "missing");
    assert_eq!(
        client.send("Bearer", &[proof]).await,
        refused(&[INVALID_TOKEN])
    );
}

#[tokio::test]
async fn a_bound_token_is_verified_without_the_layer_and_its_proof_marked_by_the_service() {
    let verifier = Issuer::start().await.verifier();
    let client = Client::new(VerifyLayer::new(verifier.clone()));
    let (proof, url) = (client.proof("once"), format!("{ORIGIN}/album"));
    let request = |method| BoundRequest {
        proof: &proof,
        method,
        url: &url,
    };
    let mut marked = Vec::new();
    let claims = verifier
        .bound_token(&client.token, request("GET"), async |proof| {
            marked.push((proof.thumbprint.clone(), proof.id.clone()));
            true
        })
        .await
        .unwrap();
    assert_eq!(claims.subject, "x");
    assert_eq!(
        marked,
        [(client.key.public().thumbprint(), "once".to_owned())]
    );
    let used = verifier.bound_token(&client.token, request("GET"), async |_| false);
    assert_eq!(used.await.unwrap_err(), Error::ProofUsed);
    // What is wrong anyway is not marked.
    let wrong = verifier.bound_token(&client.token, request("POST"), async |_| panic!("marked"));
    assert!(matches!(wrong.await.unwrap_err(), Error::Proof(_)));
}
