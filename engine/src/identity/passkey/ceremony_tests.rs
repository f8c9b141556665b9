//! The verification of both ceremonies (WebAuthn L3 §7.1, §7.2), without a database: with the test vectors of the
//! specification, and with one refusal for each step.

mod authentication_steps;
mod registration_steps;
mod vectors;

use super::{
    authenticator::aaguid_of,
    is_same_origin,
    login::{CredentialRefusal, check_credential},
    registration::check_registration,
};
use crate::{PublicKeyCredential, RegisterPublicKeyCredential, Result, relying_party};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};
use webauthn_rs::{
    Webauthn,
    prelude::{DiscoverableAuthentication, Passkey as Credential, PasskeyRegistration, Uuid},
};

/// The flags of authenticator data (WebAuthn L3 §6.1), and where they are.
const FLAGS: usize = 32;
const USER_VERIFIED: u8 = 0b0000_0100;

/// What is not `https://example.org`.
const OTHER_ORIGINS: [&str; 9] = [
    "https://evil.example",
    "http://example.org",
    "https://example.org:8443",
    "https://login.example.org",
    "https://example.org.evil.example",
    "https://evilexample.org",
    "null",
    "",
    "android:apk-key-hash:example.org",
];

/// A test vector of WebAuthn L3 §16: both ceremonies of one credential. Bytes are in hexadecimal digits.
#[derive(Debug, Clone, Deserialize)]
struct Vector {
    id: String,
    registration: Registration,
    authentication: Authentication,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    challenge: Hex,
    #[serde(rename = "clientDataJSON")]
    client_data: Hex,
    attestation_object: Hex,
    #[serde(rename = "credential_id")]
    credential_id: Hex,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    challenge: Hex,
    #[serde(rename = "clientDataJSON")]
    client_data: Hex,
    authenticator_data: Hex,
    signature: Hex,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Hex(Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, hex::FromHexError> {
        hex::decode(text).map(Self)
    }
}

impl Hex {
    fn base64(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.0)
    }
}

fn vectors() -> Vec<Vector> {
    #[derive(Deserialize)]
    struct Vectors {
        vectors: Vec<Vector>,
    }
    let text = include_str!("../../../tests/data/webauthn_vectors.json");
    serde_json::from_str::<Vectors>(text).unwrap().vectors
}

fn vector(id: &str) -> Vector {
    let mut all = vectors().into_iter();
    all.find(|vector| vector.id == id).unwrap()
}

fn relying_party() -> Webauthn {
    let url = "https://example.org".parse().unwrap();
    relying_party::new(&url, "Example", &[]).unwrap()
}

impl Registration {
    /// A ceremony that began with this challenge.
    fn state(&self, change: impl FnOnce(&mut Value)) -> PasskeyRegistration {
        let begun = relying_party().start_passkey_registration(Uuid::nil(), "ada", "Ada", None);
        let mut state = serde_json::to_value(begun.unwrap().1).unwrap();
        state["rs"]["challenge"] = self.challenge.base64().into();
        change(&mut state["rs"]);
        serde_json::from_value(state).unwrap()
    }

    fn answer(&self) -> RegisterPublicKeyCredential {
        serde_json::from_value(json!({
            "id": self.credential_id.base64(),
            "rawId": self.credential_id.base64(),
            "type": "public-key",
            "response": {
                "attestationObject": self.attestation_object.base64(),
                "clientDataJSON": self.client_data.base64(),
            },
        }))
        .unwrap()
    }

    fn check(&self, change: impl FnOnce(&mut Value)) -> Result<Credential> {
        check_registration(&relying_party(), None, &self.answer(), &self.state(change))
    }
}

impl Authentication {
    fn state(&self, change: impl FnOnce(&mut Value)) -> DiscoverableAuthentication {
        let begun = relying_party().start_discoverable_authentication();
        let mut state = serde_json::to_value(begun.unwrap().1).unwrap();
        state["ast"]["challenge"] = self.challenge.base64().into();
        change(&mut state["ast"]);
        serde_json::from_value(state).unwrap()
    }

    fn answer(&self, id: &Hex) -> PublicKeyCredential {
        serde_json::from_value(json!({
            "id": id.base64(),
            "rawId": id.base64(),
            "type": "public-key",
            "response": {
                "authenticatorData": self.authenticator_data.base64(),
                "clientDataJSON": self.client_data.base64(),
                "signature": self.signature.base64(),
                "userHandle": BASE64_URL_SAFE_NO_PAD.encode([0; 16]),
            },
        }))
        .unwrap()
    }

    fn check(
        &self,
        credential: Credential,
        change: impl FnOnce(&mut Value),
    ) -> Result<Credential, CredentialRefusal> {
        let id = Hex(credential.cred_id().to_vec());
        check_credential(
            &relying_party(),
            &self.answer(&id),
            self.state(change),
            credential,
        )
    }

    fn is_user_verified(&self) -> bool {
        self.authenticator_data.0[FLAGS] & USER_VERIFIED != 0
    }
}

/// Without user verification, which most vectors do not have and we always require.
fn without_verification(state: &mut Value) {
    state["policy"] = "discouraged".into();
}
