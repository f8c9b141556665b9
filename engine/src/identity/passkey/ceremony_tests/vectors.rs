//! WebAuthn L3 §16: responses that the specification calls valid. Values: `engine/tests/data/webauthn_vectors.json`.
//!
//! Those of extensions (§16.16) are not here: their outputs (`prf`) are for clients, and we ask for none.

use super::*;
use Outcome::{Accepted, OtherSite, Unsupported};

/// What becomes of a vector here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Accepted,
    /// Its ceremony ran in another site's frame.
    OtherSite,
    /// webauthn-rs 0.6 cannot check it, or we offer no such algorithm.
    Unsupported,
}

/// Why they are not supported: we do not offer ES512, Ed25519 and Ed448; webauthn-rs takes RSA keys of 2048 bits alone, and
/// attestation by a TPM or Android in narrower forms than these.
const OUTCOMES: [(&str, Outcome); 15] = [
    ("none-es256", Accepted),
    ("packed-self-es256", Accepted),
    ("none-es256-crossOrigin", OtherSite),
    ("none-es256-topOrigin", OtherSite),
    ("none-es256-long-credential-id", Accepted),
    ("packed-es256", Accepted),
    ("packed-es384", Accepted),
    ("packed-es512", Unsupported),
    ("packed-rs256", Unsupported),
    ("packed-eddsa", Unsupported),
    ("packed-ed448", Unsupported),
    ("tpm-es256", Unsupported),
    ("android-key-es256", Unsupported),
    ("apple-es256", Accepted),
    ("fido-u2f-es256", Accepted),
];

fn outcome(vector: &Vector) -> Outcome {
    match vector.registration.check(without_verification) {
        Ok(_) => Accepted,
        Err(_) if !is_same_origin(&vector.registration.client_data.0) => OtherSite,
        Err(_) => Unsupported,
    }
}

#[test]
fn the_registrations_of_the_specification_are_accepted_as_far_as_they_are_supported() {
    let outcomes: Vec<_> = vectors()
        .iter()
        .map(|vector| (vector.id.clone(), outcome(vector)))
        .collect();
    assert_eq!(
        outcomes,
        OUTCOMES.map(|(id, outcome)| (id.to_owned(), outcome))
    );
}

#[test]
fn must_survive_9_the_registrations_of_the_specification_need_a_verified_user() {
    for vector in vectors() {
        let object = &vector.registration.attestation_object.0;
        let start = object.windows(8).position(|part| part == b"authData");
        // The label is followed by two or three bytes for the length.
        let long = usize::from(object[start.unwrap() + 8] == 0x59);
        let flags = object[start.unwrap() + 8 + 2 + long + FLAGS];
        let is_accepted = outcome(&vector) == Accepted && flags & USER_VERIFIED != 0;
        assert_eq!(
            vector.registration.check(|_| {}).is_ok(),
            is_accepted,
            "{}",
            vector.id
        );
    }
}

#[test]
fn must_survive_9_the_assertions_of_the_specification_are_accepted_if_the_user_was_verified() {
    let mut accepted = 0;
    for vector in vectors() {
        let Ok(credential) = vector.registration.check(without_verification) else {
            continue;
        };
        let assertion = &vector.authentication;
        let id = Hex(credential.cred_id().to_vec());
        // Its signature is valid in any case.
        relying_party()
            .finish_discoverable_authentication_v2(
                &assertion.answer(&id),
                assertion.state(without_verification),
                &credential,
            )
            .unwrap();
        let checked = assertion.check(credential, |_| {});
        assert_eq!(
            checked.is_ok(),
            assertion.is_user_verified(),
            "{}",
            vector.id
        );
        accepted += usize::from(checked.is_ok());
    }
    assert_eq!(accepted, 3);
}
