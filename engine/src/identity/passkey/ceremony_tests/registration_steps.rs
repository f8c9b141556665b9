//! WebAuthn L3 §7.1, one refusal for each step. All begin with a response that is accepted, and change one thing.
//!
//! | step | what is refused | by |
//! |---|---|---|
//! | 1 | options that are not unique, or ask for less | `must_survive_7_step_1_…`; `made` in `engine/tests/it/passkey.rs` |
//! | 2 | a dialog that the user cancels | `a user who cancels …` in `end2end/tests/security.spec.ts` |
//! | 3, 4 | a response of another kind, extension outputs that are none | JSON types |
//! | 5, 6, 7, 8 | client data: text, JSON, type, challenge | webauthn-rs |
//! | 9 | another origin | webauthn-rs, with our list of origins |
//! | 10, 11 | a ceremony in another site's frame | `is_same_origin` |
//! | 12 | client data that were not attested | webauthn-rs |
//! | 13 to 18, 20, 21, 22 | the attestation object | webauthn-rs |
//! | 19 | nothing: the backup state is shown, and decides nothing | `backup_flags_are_read_…` |
//! | 23, 24 | a model that is not trusted, where attestation is required | `attestation::check` |
//! | 25 | a longer credential id | webauthn-rs or `check_registration` |
//! | 26 | a registered credential id | `must_survive_11_…` in `engine/tests/it/passkey.rs` |
//! | 27 | no credential data to keep | webauthn-rs |
//! | 28 | extension data that cannot be read | webauthn-rs |
//! | 29 | whatever follows a refusal | `must_survive_10_…`, `must_survive_11_…` there: nothing is kept |

use super::*;
use crate::{Error, Refusal, identity::passkey::metadata::TrustedModels};

/// Where the parts of authenticator data are (WebAuthn L3 §6.1).
const USER_PRESENT: u8 = 0b0000_0001;
const BACKUP_STATE: u8 = 0b0001_0000;
const BACKUP_ELIGIBLE: u8 = 0b0000_1000;
const CREDENTIAL_DATA: u8 = 0b0100_0000;
const EXTENSION_DATA: u8 = 0b1000_0000;
const ID_LENGTH: std::ops::Range<usize> = 53..55;

/// What comes before authenticator data in an attestation object without attestation.
const NONE: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData";

/// Without attestation, so that nothing but the change under test is invalid; the user was verified.
fn valid() -> Registration {
    with_data(vector("none-es256").registration, |data| {
        data[FLAGS] |= USER_VERIFIED;
    })
}

fn with_data(registration: Registration, change: impl FnOnce(&mut Vec<u8>)) -> Registration {
    let object = &registration.attestation_object.0;
    let head = object.windows(NONE.len()).position(|part| part == NONE);
    let length = 1 + usize::from(object[head.unwrap() + NONE.len()] == 0x59);
    let mut data = object[head.unwrap() + NONE.len() + 1 + length..].to_vec();
    change(&mut data);
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    let object = [NONE, b"\x59", &length, &data].concat();
    Registration {
        attestation_object: Hex(object),
        ..registration
    }
}

fn with_client_data(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Registration {
    let valid = valid();
    let mut data = serde_json::from_slice(&valid.client_data.0).unwrap();
    change(&mut data);
    Registration {
        client_data: Hex(serde_json::to_vec(&data).unwrap()),
        ..valid
    }
}

fn refused(registration: &Registration) -> bool {
    matches!(
        registration.check(|_| {}),
        Err(Error::Refused(Refusal::PasskeyNotAccepted))
    )
}

fn flags(change: impl FnOnce(u8) -> u8) -> Registration {
    with_data(valid(), |data| data[FLAGS] = change(data[FLAGS]))
}

#[test]
fn the_unchanged_response_is_accepted() {
    valid().check(|_| {}).unwrap();
    // So are the ways in which the following tests change it.
    with_client_data(|_| {}).check(|_| {}).unwrap();
    flags(|flags| flags).check(|_| {}).unwrap();
}

#[test]
fn must_survive_7_step_1_every_ceremony_has_its_own_long_challenge() {
    let begin = || relying_party().start_passkey_registration(Uuid::nil(), "ada", "Ada", None);
    let challenge = || begin().unwrap().0.public_key.challenge.to_vec();
    assert!(challenge().len() == 32 && challenge() != challenge());
}

#[test]
fn must_survive_7_steps_3_and_4_a_response_of_another_kind_is_refused() {
    let assertion = vector("none-es256").authentication;
    let answer = assertion.answer(&Hex(vec![1]));
    let read = serde_json::from_value::<RegisterPublicKeyCredential>;
    assert!(read(serde_json::to_value(answer).unwrap()).is_err());
    let mut answer = serde_json::to_value(valid().answer()).unwrap();
    assert!(read(answer.clone()).is_ok());
    answer["clientExtensionResults"] = "none".into();
    assert!(read(answer).is_err());
}

#[test]
fn must_survive_7_steps_5_and_6_client_data_must_be_json() {
    for data in ["", "null", "[]", "{", "{}", "webauthn.create"] {
        let changed = Registration {
            client_data: Hex(data.into()),
            ..valid()
        };
        assert!(refused(&changed), "{data}");
    }
    let mut changed = valid();
    let end = changed.client_data.0.len() - 2;
    changed.client_data.0[end] = 0xff;
    assert!(refused(&changed));
}

#[test]
fn must_survive_7_step_7_another_type_is_refused() {
    for kind in ["webauthn.get", "payment.get", "", "webauthn.create "] {
        let changed = with_client_data(|data| data["type"] = kind.into());
        assert!(refused(&changed), "{kind}");
    }
}

#[test]
fn must_survive_7_step_8_another_challenge_is_refused() {
    let other = vector("packed-es256").registration.challenge.base64();
    let changed = with_client_data(|data| data["challenge"] = other.into());
    assert!(refused(&changed));
    let state = |state: &mut Value| state["challenge"] = "AAAA".into();
    assert!(valid().check(state).is_err());
}

#[test]
fn must_survive_7_step_9_another_origin_is_refused() {
    for origin in OTHER_ORIGINS {
        let changed = with_client_data(|data| data["origin"] = origin.into());
        assert!(refused(&changed), "{origin}");
    }
}

#[test]
fn must_survive_8_steps_10_and_11_another_sites_frame_is_refused() {
    let cross = with_client_data(|data| data["crossOrigin"] = true.into());
    assert!(refused(&cross));
    let top = with_client_data(|data| {
        data.insert("topOrigin".to_owned(), "https://example.org".into());
    });
    assert!(refused(&top));
}

#[test]
fn must_survive_7_step_12_client_data_that_were_not_attested_are_refused() {
    let mut attested = vector("packed-self-es256").registration;
    attested.check(|_| {}).unwrap();
    let end = attested.client_data.0.len() - 1;
    attested.client_data.0.insert(end, b' ');
    assert!(refused(&attested));
}

#[test]
fn must_survive_7_step_13_another_attestation_object_is_refused() {
    let object = valid().attestation_object.0;
    for changed in [
        Vec::new(),
        object[..object.len() - 1].to_vec(),
        object[1..].to_vec(),
        b"\xa0".to_vec(),
    ] {
        let changed = Registration {
            attestation_object: Hex(changed),
            ..valid()
        };
        assert!(refused(&changed));
    }
}

#[test]
fn must_survive_7_step_14_another_relying_party_is_refused() {
    assert!(refused(&with_data(valid(), |data| data[0] ^= 1)));
}

#[test]
fn must_survive_9_steps_15_and_16_an_absent_or_unverified_user_is_refused() {
    assert!(refused(&flags(|flags| flags & !USER_PRESENT)));
    assert!(refused(&flags(|flags| flags & !USER_VERIFIED)));
}

#[test]
fn must_survive_7_steps_17_and_18_a_backup_that_cannot_be_is_refused() {
    let flags = flags(|flags| flags & !BACKUP_ELIGIBLE | BACKUP_STATE);
    assert!(refused(&flags));
}

#[test]
fn must_survive_7_r10_step_20_an_algorithm_that_was_not_offered_is_refused() {
    let others = |state: &mut Value| state["credential_algorithms"] = json!(["RS256", "ES384"]);
    assert!(valid().check(others).is_err());
}

#[test]
fn must_survive_7_step_21_an_unknown_attestation_format_is_refused() {
    for (at, byte) in [(8, b'x'), (5, b'N')] {
        let mut changed = valid();
        changed.attestation_object.0[at] = byte;
        assert!(refused(&changed), "{at}");
    }
}

#[test]
fn must_survive_7_step_22_an_invalid_attestation_is_refused() {
    let mut attested = vector("packed-es256").registration;
    attested.check(without_verification).unwrap();
    let label: &[u8] = b"\x63sig\x58";
    let object = &mut attested.attestation_object.0;
    let sig = object.windows(label.len()).position(|part| part == label);
    object[sig.unwrap() + 20] ^= 1;
    assert!(attested.check(without_verification).is_err());
}

#[test]
fn must_survive_7_r10_steps_23_and_24_a_model_that_is_not_trusted_is_refused() {
    let models = TrustedModels::of_vectors();
    let check = |registration: &Registration| {
        let state = registration.state(without_verification);
        check_registration(
            &relying_party(),
            Some(&models),
            &registration.answer(),
            &state,
        )
    };
    let trusted = vector("packed-es256").registration;
    check(&trusted).unwrap();
    let aaguid = aaguid_of(&trusted.answer()).unwrap();
    let revoked = vector("packed-es384").registration;
    let self_attested = vector("packed-self-es256").registration;
    // Without attestation a model is only claimed.
    let claimed = with_data(valid(), |data| {
        data[37..53].copy_from_slice(aaguid.uuid().as_bytes());
    });
    // The format has no certificate that names the model.
    let apple = vector("apple-es256").registration;
    for (name, registration) in [
        ("no attestation", valid()),
        ("claimed", claimed),
        ("self attestation", self_attested),
        ("revoked", revoked),
        ("apple", apple),
    ] {
        registration.check(without_verification).unwrap();
        let refused = check(&registration);
        let expected = matches!(
            refused,
            Err(Error::Refused(Refusal::AuthenticatorNotAccepted))
        );
        assert!(expected, "{name}");
    }
}

#[test]
fn must_survive_7_step_25_a_longer_credential_id_is_refused() {
    let longest = with_data(
        vector("none-es256-long-credential-id").registration,
        |data| data[FLAGS] |= USER_VERIFIED,
    );
    longest.check(|_| {}).unwrap();
    let longer = with_data(longest, |data| {
        data[ID_LENGTH].copy_from_slice(&1024_u16.to_be_bytes());
        data.insert(ID_LENGTH.end, 0);
    });
    assert!(refused(&longer));
}

#[test]
fn must_survive_7_step_27_a_response_without_a_credential_is_refused() {
    let without = with_data(valid(), |data| {
        data[FLAGS] &= !CREDENTIAL_DATA;
        data.truncate(37);
    });
    assert!(refused(&without));
}

#[test]
fn must_survive_7_step_28_unreadable_extension_data_are_refused() {
    assert!(refused(&flags(|flags| flags | EXTENSION_DATA)));
    assert!(refused(&with_data(valid(), |data| {
        let end = data.len() - 1;
        data.truncate(end);
    })));
}

#[test]
fn must_survive_7_step_9_a_related_origin_is_accepted_and_none_that_resembles_it() {
    let url = "https://example.org".parse().unwrap();
    let related = ["https://example.net".parse().unwrap()];
    let relying_party = relying_party::new(&url, "Example", &related).unwrap();
    for (origin, is_accepted) in [
        ("https://example.org", true),
        ("https://example.net", true),
        ("http://example.net", false),
        ("https://example.net:8443", false),
        ("https://login.example.net", false),
        ("https://example.net.evil.example", false),
        ("https://evilexample.net", false),
    ] {
        let changed = with_client_data(|data| data["origin"] = origin.into());
        let state = changed.state(|_| {});
        let checked = check_registration(&relying_party, None, &changed.answer(), &state);
        assert_eq!(checked.is_ok(), is_accepted, "{origin}");
    }
}
