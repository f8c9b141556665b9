//! WebAuthn L3 §7.2, one refusal for each step. Assertions are signed with the private key of a test vector, so that
//! nothing but the change under test is invalid.
//!
//! | step | what is refused | by |
//! |---|---|---|
//! | 1 | options that are not unique | `must_survive_7_step_1_…` |
//! | 2 | a dialog that the user cancels | `end2end/tests/login.spec.ts` |
//! | 3, 4, 7 | a response of another kind, or without one of its parts | JSON types |
//! | 5 | nothing: no credentials are listed | `used` in `engine/tests/it/passkey.rs` |
//! | 6 | a credential or a user handle of nobody, or of another user | `must_survive_11_…`, `r8_…` there |
//! | 8, 9, 10, 11 | client data: text, JSON, type, challenge | webauthn-rs |
//! | 12 | another origin | webauthn-rs, with our list of origins |
//! | 13, 14 | a ceremony in another site's frame | `is_same_origin` |
//! | 15 to 18 | authenticator data | webauthn-rs, and user verification again by us |
//! | 19 | nothing: the backup state is shown, and decides nothing | `backup_flags_are_read_…` |
//! | 20, 21 | a signature over anything else, or by anyone else | webauthn-rs |
//! | 22 | a counter that does not grow | webauthn-rs |
//! | 23 | extension data that cannot be read | webauthn-rs |
//! | 24 | an assertion beside a quicker one | the record is compared in the transaction |
//! | 25 | a second use of a response | `must_survive_10_…`, `must_survive_29_…` there |

use super::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};

const USER_PRESENT: u8 = 0b0000_0001;
const BACKUP_ELIGIBLE: u8 = 0b0000_1000;
const BACKUP_STATE: u8 = 0b0001_0000;
const EXTENSION_DATA: u8 = 0b1000_0000;
const COUNTER: std::ops::Range<usize> = 33..37;

/// The private key of `none-es256`.
const KEY: &str = "6e68e7a58484a3264f66b77f5d6dc5bc36a47085b615c9727ab334e8c369c2ee";

struct Signer {
    credential: Credential,
    assertion: Authentication,
}

impl Signer {
    fn new() -> Self {
        let vector = vector("none-es256");
        Self {
            credential: vector.registration.check(without_verification).unwrap(),
            assertion: vector.authentication,
        }
    }

    fn key(&self) -> EcdsaKeyPair {
        let json = serde_json::to_value(&self.credential).unwrap();
        let coordinate = |name: &str| -> Vec<u8> {
            let text = &json["cred"]["cred"]["key"]["EC_EC2"][name];
            BASE64_URL_SAFE_NO_PAD
                .decode(text.as_str().unwrap())
                .unwrap()
        };
        let public = [vec![4], coordinate("x"), coordinate("y")].concat();
        let (private, rng) = (hex::decode(KEY).unwrap(), SystemRandom::new());
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, &public, &rng).unwrap()
    }

    /// Signs an assertion of a verified user after a change.
    fn sign(&self, change: impl FnOnce(&mut Authentication)) -> Authentication {
        let mut signed = self.assertion.clone();
        signed.authenticator_data.0[FLAGS] |= USER_VERIFIED;
        change(&mut signed);
        let hash = ring::digest::digest(&ring::digest::SHA256, &signed.client_data.0);
        let message = [signed.authenticator_data.0.as_slice(), hash.as_ref()].concat();
        let signature = self.key().sign(&SystemRandom::new(), &message).unwrap();
        signed.signature = Hex(signature.as_ref().to_vec());
        signed
    }

    fn check(&self, assertion: &Authentication) -> Result<Credential, CredentialRefusal> {
        assertion.check(self.credential.clone(), |_| {})
    }

    fn refuses(&self, change: impl FnOnce(&mut Authentication)) -> bool {
        self.check(&self.sign(change)).is_err()
    }

    fn refuses_client_data(
        &self,
        change: impl FnOnce(&mut serde_json::Map<String, Value>),
    ) -> bool {
        self.refuses(|assertion| {
            let mut data = serde_json::from_slice(&assertion.client_data.0).unwrap();
            change(&mut data);
            assertion.client_data = Hex(serde_json::to_vec(&data).unwrap());
        })
    }

    fn refuses_flags(&self, change: impl FnOnce(u8) -> u8) -> bool {
        self.refuses(|assertion| {
            let data = &mut assertion.authenticator_data.0;
            data[FLAGS] = change(data[FLAGS]);
        })
    }
}

#[test]
fn a_signed_assertion_is_accepted() {
    let signer = Signer::new();
    signer.check(&signer.sign(|_| {})).unwrap();
    assert!(!signer.refuses_client_data(|_| {}));
    assert!(!signer.refuses_flags(|flags| flags));
}

#[test]
fn must_survive_7_steps_3_4_and_7_a_response_of_another_kind_is_refused() {
    let read = serde_json::from_value::<PublicKeyCredential>;
    let registration = vector("none-es256").registration.answer();
    assert!(read(serde_json::to_value(registration).unwrap()).is_err());
    let signer = Signer::new();
    let answer = signer.assertion.answer(&Hex(vec![1]));
    let answer = serde_json::to_value(answer).unwrap();
    assert!(read(answer.clone()).is_ok());
    for part in ["authenticatorData", "clientDataJSON", "signature"] {
        let mut without = answer.clone();
        without["response"].as_object_mut().unwrap().remove(part);
        assert!(read(without).is_err(), "{part}");
    }
    let mut extensions = answer;
    extensions["clientExtensionResults"] = "none".into();
    assert!(read(extensions).is_err());
}

#[test]
fn must_survive_7_steps_8_and_9_client_data_must_be_json() {
    let signer = Signer::new();
    for data in ["", "null", "[]", "{", "{}"] {
        assert!(signer.refuses(|assertion| assertion.client_data = Hex(data.into())));
    }
    assert!(signer.refuses(|assertion| {
        let end = assertion.client_data.0.len() - 2;
        assertion.client_data.0[end] = 0xff;
    }));
}

#[test]
fn must_survive_7_step_10_another_type_is_refused() {
    let signer = Signer::new();
    for kind in ["webauthn.create", "payment.get", ""] {
        assert!(signer.refuses_client_data(|data| data["type"] = kind.into()));
    }
}

#[test]
fn must_survive_7_step_11_another_challenge_is_refused() {
    let signer = Signer::new();
    let other = vector("packed-es256").authentication.challenge.base64();
    assert!(signer.refuses_client_data(|data| data["challenge"] = other.into()));
}

#[test]
fn must_survive_7_step_12_another_origin_is_refused() {
    let signer = Signer::new();
    for origin in OTHER_ORIGINS {
        let is_refused = signer.refuses_client_data(|data| data["origin"] = origin.into());
        assert!(is_refused, "{origin}");
    }
}

#[test]
fn must_survive_8_steps_13_and_14_another_sites_frame_is_refused() {
    let signer = Signer::new();
    assert!(signer.refuses_client_data(|data| data["crossOrigin"] = true.into()));
    assert!(signer.refuses_client_data(|data| {
        data.insert("topOrigin".to_owned(), "https://example.org".into());
    }));
}

#[test]
fn must_survive_7_step_15_another_relying_party_is_refused() {
    assert!(Signer::new().refuses(|assertion| assertion.authenticator_data.0[0] ^= 1));
}

#[test]
fn must_survive_9_steps_16_and_17_an_absent_or_unverified_user_is_refused() {
    let signer = Signer::new();
    assert!(signer.refuses_flags(|flags| flags & !USER_PRESENT));
    assert!(signer.refuses_flags(|flags| flags & !USER_VERIFIED));
    // Even if the ceremony had not asked for it.
    let unverified = signer.sign(|assertion| {
        assertion.authenticator_data.0[FLAGS] &= !USER_VERIFIED;
    });
    let checked = unverified.check(signer.credential.clone(), without_verification);
    let unverified = CredentialRefusal::Other("passkey without user verification");
    assert_eq!(checked.err(), Some(unverified));
}

#[test]
fn must_survive_7_step_18_a_backup_eligibility_that_changed_is_refused() {
    let signer = Signer::new();
    assert!(signer.refuses_flags(|flags| flags ^ BACKUP_ELIGIBLE));
    assert!(signer.refuses_flags(|flags| flags & !BACKUP_ELIGIBLE | BACKUP_STATE));
}

#[test]
fn must_survive_7_steps_20_and_21_another_signature_is_refused() {
    let signer = Signer::new();
    let signed = signer.sign(|_| {});
    let mut other_data = signed.clone();
    let end = other_data.client_data.0.len() - 1;
    other_data.client_data.0.insert(end, b' ');
    let mut other_authenticator = signed.clone();
    other_authenticator.authenticator_data.0[COUNTER.end - 1] = 9;
    let mut bit = signed.clone();
    let end = bit.signature.0.len() - 1;
    bit.signature.0[end] ^= 1;
    let mut empty = signed.clone();
    empty.signature.0.clear();
    for changed in [other_data, other_authenticator, bit, empty] {
        assert!(signer.check(&changed).is_err());
    }
    let other_key = vector("packed-es256").registration;
    let other_key = other_key.check(without_verification).unwrap();
    assert!(signed.check(other_key, |_| {}).is_err());
}

#[test]
fn must_survive_12_steps_22_and_24_a_counter_that_does_not_grow_is_refused() {
    let mut signer = Signer::new();
    let counted = |signer: &Signer, count: u32| {
        signer.sign(|assertion| {
            let data = &mut assertion.authenticator_data.0;
            data[COUNTER].copy_from_slice(&count.to_be_bytes());
        })
    };
    // The record that is returned has the counter, so the next assertion is compared with it.
    signer.credential = signer.check(&counted(&signer, 5)).unwrap();
    for count in [0, 4, 5] {
        let refusal = signer.check(&counted(&signer, count)).unwrap_err();
        assert_eq!(refusal, CredentialRefusal::CounterWentBack, "{count}");
    }
    // Only with everything else right: nobody else can make it look so.
    let mut forged = counted(&signer, 4);
    forged.signature.0[8] ^= 1;
    let refusal = signer.check(&forged).unwrap_err();
    assert!(
        matches!(refusal, CredentialRefusal::Other(_)),
        "{refusal:?}"
    );
    signer.check(&counted(&signer, 6)).unwrap();
}

#[test]
fn must_survive_7_step_23_unreadable_extension_data_are_refused() {
    let signer = Signer::new();
    assert!(signer.refuses_flags(|flags| flags | EXTENSION_DATA));
    assert!(signer.refuses(|assertion| assertion.authenticator_data.0.truncate(36)));
}
