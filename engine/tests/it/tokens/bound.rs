//! Tokens that are bound to a key (RFC 9449): worthless without it.

use super::{device_grant::Terminal, *};
use crate::one_time_store::{OneTimeStore, on_each_store};
use latchkey_engine::ProvenRequest;
use latchkey_jose::{Algorithm, SigningKey, dpop::prove};
use std::sync::atomic::{AtomicU64, Ordering};

const TOKEN_URL: &str = "http://localhost:3000/oauth/token";
pub(super) const ALBUMS: &str = "https://photos.example.com/albums";

on_each_store! {
    a_bound_token_is_accepted_with_a_fresh_proof_of_its_key_alone
    a_token_request_needs_a_nonce_of_ours_and_a_proof_that_was_not_used
}

/// A program with a key of its own.
pub(super) struct KeyHolder {
    pub(super) key: SigningKey,
    proofs: AtomicU64,
}

impl KeyHolder {
    pub(super) fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_bytes(Algorithm::EdDsa, &[seed; 32]).unwrap(),
            proofs: AtomicU64::new(0),
        }
    }

    pub(super) fn thumbprint(&self) -> String {
        self.key.public().thumbprint()
    }

    /// A fresh proof.
    pub(super) fn proof(
        &self,
        test: &TestEngine,
        (method, url): (&str, &str),
        token: Option<&str>,
        nonce: Option<&str>,
    ) -> String {
        let number = self.proofs.fetch_add(1, Ordering::Relaxed);
        let now = test.engine.now().unix_timestamp();
        let id = format!("proof {number}");
        prove(&self.key, method, url, now, &id, token, nonce).unwrap()
    }

    /// With the nonce that the server asks for.
    pub(super) fn token_proof(&self, test: &TestEngine) -> String {
        let nonce = test.engine.dpop_nonce();
        self.proof(test, ("POST", TOKEN_URL), None, Some(&nonce))
    }
}

pub(super) fn proven(proof: &str) -> Option<ProvenRequest<'_>> {
    Some(ProvenRequest {
        proof,
        method: "POST",
        url: TOKEN_URL,
    })
}

/// What the service is told about a request with a bound token.
pub(super) async fn ask_proven(
    test: &TestEngine,
    service: &str,
    token: &str,
    proof: Option<ProvenRequest<'_>>,
) -> &'static str {
    let caller = CallerCredentials {
        cookie: None,
        origin: latchkey_engine::CallerOrigin::default(),
        access_token: Some(&PresentedToken { text: token, proof }),
    };
    word(&test.engine.verify("photos", Some(service), caller).await)
}

async fn a_bound_token_is_accepted_with_a_fresh_proof_of_its_key_alone(store: OneTimeStore) {
    let test = TestEngine::on(&store).await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    let (holder, thief) = (KeyHolder::new(1), KeyHolder::new(2));
    let proof = holder.token_proof(&test);
    let parameters = TokenParameters {
        proof: proven(&proof),
        ..TokenParameters::default()
    };
    let issued = client.ask(&test.engine, parameters).await.unwrap();
    assert!(issued.is_bound);
    let token = issued.access_token.expose_secret();
    let get = ("GET", ALBUMS);
    fn request(proof: &str) -> ProvenRequest<'_> {
        ProvenRequest {
            proof,
            method: "GET",
            url: ALBUMS,
        }
    }
    let good = holder.proof(&test, get, Some(token), None);
    assert_eq!(
        ask_proven(&test, &photos, token, Some(request(&good))).await,
        "token accepted"
    );
    // A proof is used once.
    assert_eq!(
        ask_proven(&test, &photos, token, Some(request(&good))).await,
        "unknown"
    );
    let of_thief = thief.proof(&test, get, Some(token), None);
    let of_another_token = holder.proof(&test, get, Some("another"), None);
    let of_no_token = holder.proof(&test, get, None, None);
    let of_another_method = holder.proof(&test, ("POST", ALBUMS), Some(token), None);
    let of_another_host = holder.proof(
        &test,
        ("GET", "https://wiki.example.com/albums"),
        Some(token),
        None,
    );
    for proof in [
        of_thief,
        of_another_token,
        of_no_token,
        of_another_method,
        of_another_host,
        String::new(),
    ] {
        assert_eq!(
            ask_proven(&test, &photos, token, Some(request(&proof))).await,
            "unknown"
        );
    }
    assert_eq!(
        ask_proven(&test, &photos, token, None).await,
        "unknown",
        "as a bearer token"
    );
    let late = holder.proof(&test, get, Some(token), None);
    test.wait(66);
    assert_eq!(
        ask_proven(&test, &photos, token, Some(request(&late))).await,
        "unknown"
    );
    // A token without a key is no bound one.
    let bearer = client.token(&test.engine).await;
    let proof = holder.proof(&test, get, Some(&bearer), None);
    assert_eq!(
        ask_proven(&test, &photos, &bearer, Some(request(&proof))).await,
        "unknown"
    );
}

async fn a_token_request_needs_a_nonce_of_ours_and_a_proof_that_was_not_used(store: OneTimeStore) {
    let test = TestEngine::on(&store).await;
    let (_, client) = photos(&test, TokenUse::Reusable).await;
    let holder = KeyHolder::new(1);
    let ask = async |proof: &str| {
        let parameters = TokenParameters {
            proof: proven(proof),
            ..TokenParameters::default()
        };
        let issued = client.ask(&test.engine, parameters).await;
        issued.map(|_| ()).map_err(|error| error.to_string())
    };
    let post = ("POST", TOKEN_URL);
    let nonce = test.engine.dpop_nonce();
    assert_eq!(
        ask(&holder.proof(&test, post, None, None)).await,
        Err("use_dpop_nonce".to_owned())
    );
    assert_eq!(
        ask(&holder.proof(&test, post, None, Some("x"))).await,
        Err("use_dpop_nonce".to_owned())
    );
    let good = holder.proof(&test, post, None, Some(&nonce));
    assert_eq!(ask(&good).await, Ok(()));
    assert_eq!(ask(&good).await, Err("invalid_dpop_proof".to_owned()));
    assert_eq!(ask("abc").await, Err("invalid_dpop_proof".to_owned()));
    test.wait(120);
    assert_eq!(
        ask(&holder.proof(&test, post, None, Some(&nonce))).await,
        Ok(())
    );
    test.wait(120);
    assert_eq!(
        ask(&holder.proof(&test, post, None, Some(&nonce))).await,
        Err("use_dpop_nonce".to_owned())
    );
}

#[tokio::test]
async fn a_client_that_must_be_bound_gets_nothing_without_a_proof() {
    let test = TestEngine::new().await;
    test.service("photos").await;
    let new = NewClient {
        requires_dpop: true,
        ..new_client("Bound", "photos", "")
    };
    let client = TestClient::add(&test.engine, new).await;
    let refused = client
        .ask(&test.engine, TokenParameters::default())
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "invalid_request");
}

#[tokio::test]
async fn a_lost_response_is_repeated_to_the_same_key_for_thirty_seconds() {
    let terminal = Terminal::new().await;
    let test = &terminal.test;
    let (holder, thief) = (KeyHolder::new(1), KeyHolder::new(2));
    let begun = terminal.begin().await;
    terminal.approve(&begun.user_code).await.unwrap();
    let proof = holder.token_proof(test);
    let parameters = TokenParameters {
        grant_type: Some("urn:ietf:params:oauth:grant-type:device_code"),
        device_code: Some(begun.device_code.expose_secret()),
        proof: proven(&proof),
        ..TokenParameters::default()
    };
    let issued = terminal
        .client
        .request(&test.engine, parameters)
        .await
        .unwrap();
    let refresh = async |holder: Option<&KeyHolder>, token: &str| {
        let proof = holder.map(|holder| holder.token_proof(test));
        let parameters = TokenParameters {
            grant_type: Some("refresh_token"),
            refresh_token: Some(token),
            proof: proof.as_deref().and_then(proven),
            ..TokenParameters::default()
        };
        let issued = terminal.client.request(&test.engine, parameters).await;
        issued
            .map(|issued| issued.refresh_token.unwrap().expose_secret().to_owned())
            .map_err(|error| error.to_string())
    };
    let first = issued.refresh_token.unwrap().expose_secret().to_owned();
    let stolen = Err("invalid_grant".to_owned());
    // Without the key nothing happens, and nothing ends.
    assert_eq!(refresh(Some(&thief), &first).await, stolen);
    assert_eq!(refresh(None, &first).await, stolen);
    let second = refresh(Some(&holder), &first).await.unwrap();
    assert_eq!(refresh(Some(&thief), &first).await, stolen);
    test.wait(30);
    assert_eq!(refresh(Some(&holder), &first).await, Ok(second.clone()));
    // For a week instead of sixteen hours.
    test.wait(17 * 3600);
    let third = refresh(Some(&holder), &second).await.unwrap();
    test.wait(31);
    assert_eq!(
        refresh(Some(&holder), &second).await,
        stolen,
        "it ends the family"
    );
    assert_eq!(refresh(Some(&holder), &third).await, stolen);
}
