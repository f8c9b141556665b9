//! Passkeys: making, using and removing them.

use crate::test_engine::{TestEngine, origin};
use latchkey_domain::{
    access::permission::{PasskeyAddition, SelfManagement},
    identity::device::Assurance,
    identity::passkey::PasskeyView,
};
use latchkey_engine::{
    Engine, Error, PublicKeyCredential, Refusal, RegisterPublicKeyCredential,
    RequestChallengeResponse, Result, SignedIn,
};
use webauthn_authenticator_rs::{AuthenticatorBackend, softpasskey::SoftPasskey};
use webauthn_rs_proto::{AllowCredentials, UserVerificationPolicy};

fn relying_party_origin() -> url::Url {
    "http://localhost:3000".parse().unwrap()
}

pub(crate) async fn change(test: &TestEngine, signed_in: &SignedIn) -> SelfManagement {
    test.current_user(signed_in)
        .await
        .unwrap()
        .may_manage_self(test.engine.now())
        .unwrap()
}

/// An authenticator's answer to a fresh registration ceremony.
pub(crate) async fn made(
    engine: &Engine,
    change: impl Into<PasskeyAddition>,
    authenticator: &mut SoftPasskey,
) -> (String, RegisterPublicKeyCredential) {
    let (handle, mut options) = engine.begin_passkey_registration(change).await.unwrap();
    let selection = options.public_key.authenticator_selection.as_mut().unwrap();
    assert!(
        selection.require_resident_key,
        "signing in asks for no name"
    );
    // The software authenticator keeps nothing; what follows does not depend on it.
    (selection.require_resident_key, selection.resident_key) = (false, None);
    let response = authenticator
        .perform_register(relying_party_origin(), options.public_key, 1000)
        .unwrap();
    (handle.text.expose_secret().to_owned(), response)
}

/// An authenticator's answer to a fresh sign-in ceremony.
pub(crate) async fn used(
    engine: &Engine,
    owner: &SignedIn,
    credential: &RegisterPublicKeyCredential,
    authenticator: &mut SoftPasskey,
) -> (String, PublicKeyCredential) {
    let (handle, options) = engine.begin_passkey_login().await.unwrap();
    let response = answer(options, owner, credential, authenticator);
    (handle.text.expose_secret().to_owned(), response)
}

/// An authenticator's answer to a challenge.
pub(crate) fn answer(
    options: RequestChallengeResponse,
    owner: &SignedIn,
    credential: &RegisterPublicKeyCredential,
    authenticator: &mut SoftPasskey,
) -> PublicKeyCredential {
    let mut options = options.public_key;
    assert_eq!(options.user_verification, UserVerificationPolicy::Required);
    assert!(options.allow_credentials.is_empty(), "nobody is named");
    // The software authenticator finds no credential by itself; a discoverable one would.
    options.allow_credentials = vec![AllowCredentials {
        type_: "public-key".to_owned(),
        id: credential.raw_id.clone(),
        transports: None,
    }];
    let mut response = authenticator
        .perform_auth(relying_party_origin(), options, 1000)
        .unwrap();
    response.response.user_handle = Some(owner.current_user.user_id.uuid().as_bytes().to_vec());
    response
}

pub(crate) async fn add_passkey(
    test: &TestEngine,
    change: &SelfManagement,
    handle: &str,
    response: &RegisterPublicKeyCredential,
) -> Result<(PasskeyView, SignedIn)> {
    test.engine
        .finish_passkey_registration(change, Some(handle), response, "", &origin())
        .await
}

/// On a device that is not registered yet.
pub(crate) async fn sign_in(
    test: &TestEngine,
    handle: &str,
    response: &PublicKeyCredential,
) -> Result<SignedIn> {
    test.engine
        .finish_passkey_login(Some(handle), response, None, &origin())
        .await
}

/// Ada with a passkey, made on her first device.
pub(crate) async fn ada(test: &TestEngine) -> (SignedIn, RegisterPublicKeyCredential, SoftPasskey) {
    let signed_in = test.registered("ada@example.com").await;
    with_passkey(test, &signed_in).await
}

/// The same user on the same device, once it has a passkey.
pub(crate) async fn with_passkey(
    test: &TestEngine,
    signed_in: &SignedIn,
) -> (SignedIn, RegisterPublicKeyCredential, SoftPasskey) {
    let mut authenticator = SoftPasskey::new(true);
    let change = change(test, signed_in).await;
    let (handle, response) = made(&test.engine, &change, &mut authenticator).await;
    let (_, signed_in) = add_passkey(test, &change, &handle, &response)
        .await
        .unwrap();
    (signed_in, response, authenticator)
}

#[tokio::test]
async fn a_passkey_signs_in_on_a_new_device_and_registers_it() {
    let test = TestEngine::new().await;
    let (first, credential, mut authenticator) = ada(&test).await;
    let (handle, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    let second = sign_in(&test, &handle, &response).await.unwrap();
    assert!(second.is_new_device && second.current_user.device_id != first.current_user.device_id);
    let devices = test.engine.my_devices(&second.current_user).await.unwrap();
    assert_eq!(devices.len(), 2);
    assert_eq!(
        (devices[0].id, devices[0].assurance),
        (second.current_user.device_id, Assurance::Passkey)
    );
}

#[tokio::test]
async fn must_survive_10_a_ceremony_is_single_use() {
    let test = TestEngine::new().await;
    let (first, credential, mut authenticator) = ada(&test).await;
    let (handle, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    assert!(sign_in(&test, &handle, &response).await.is_ok());
    let replayed = sign_in(&test, &handle, &response).await;
    assert!(matches!(
        replayed,
        Err(Error::Refused(Refusal::CeremonyExpired))
    ));
}

#[tokio::test]
async fn must_survive_10_a_ceremony_expires_after_five_minutes() {
    let test = TestEngine::new().await;
    let (first, credential, mut authenticator) = ada(&test).await;
    let (handle, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    test.wait(5 * 60);
    let late = sign_in(&test, &handle, &response).await;
    assert!(matches!(
        late,
        Err(Error::Refused(Refusal::CeremonyExpired))
    ));
}

#[tokio::test]
async fn must_survive_10_a_response_is_valid_for_its_own_challenge_only() {
    let test = TestEngine::new().await;
    let (first, credential, mut authenticator) = ada(&test).await;
    let (_, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    let (other, _) = used(&test.engine, &first, &credential, &mut authenticator).await;
    let swapped = sign_in(&test, &other, &response).await;
    assert!(matches!(
        swapped,
        Err(Error::Refused(Refusal::PasskeyNotAccepted))
    ));
}

#[tokio::test]
async fn must_survive_10_a_registration_cannot_be_swapped_between_users_or_ceremony_kinds() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let eve = test.registered("eve@example.com").await;
    let (ada, eve) = (change(&test, &ada).await, change(&test, &eve).await);
    let mut authenticator = SoftPasskey::new(true);
    let (handle, response) = made(&test.engine, &ada, &mut authenticator).await;
    let stolen = add_passkey(&test, &eve, &handle, &response).await;
    assert!(matches!(
        stolen,
        Err(Error::Refused(Refusal::CeremonyExpired))
    ));
    let (login, _) = test.engine.begin_passkey_login().await.unwrap();
    let mixed = add_passkey(&test, &ada, login.text.expose_secret(), &response).await;
    assert!(matches!(
        mixed,
        Err(Error::Refused(Refusal::CeremonyExpired))
    ));
    assert!(
        test.engine
            .my_passkeys(ada.current_user())
            .await
            .unwrap()
            .is_empty()
    );
}

/// The same response without its attestation, which alone signs the credential id, and with the id of `other`.
fn claiming(
    mut response: RegisterPublicKeyCredential,
    other: &RegisterPublicKeyCredential,
) -> RegisterPublicKeyCredential {
    // CBOR: the last label, and byte string of up to 255 bytes.
    const LABEL: &[u8] = b"\x68authData\x58";
    let find = |text: &[u8], part: &[u8]| text.windows(part.len()).position(|at| at == part);
    let object = response.response.attestation_object.to_vec();
    let start = find(&object, LABEL).unwrap() + LABEL.len() + 1;
    let length = object[start - 1];
    let mut data = object[start..start + usize::from(length)].to_vec();
    let id = find(&data, response.raw_id.as_ref()).unwrap();
    data[id..id + response.raw_id.len()].copy_from_slice(other.raw_id.as_ref());
    let head: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0";
    response.response.attestation_object = [head, LABEL, &[length], &data].concat();
    response.id.clone_from(&other.id);
    response.raw_id = other.raw_id.clone();
    response
}

#[tokio::test]
async fn must_survive_11_a_credential_id_is_registered_once_among_all_users() {
    let test = TestEngine::new().await;
    let (ada, credential, mut hers) = ada(&test).await;
    let eve = test.registered("eve@example.com").await;
    let eve = change(&test, &eve).await;
    let mut authenticator = SoftPasskey::new(true);
    let (handle, response) = made(&test.engine, &eve, &mut authenticator).await;
    let stolen = add_passkey(&test, &eve, &handle, &claiming(response, &credential)).await;
    assert!(matches!(
        stolen,
        Err(Error::Refused(Refusal::PasskeyNotAccepted))
    ));
    let kept = test.engine.my_passkeys(eve.current_user()).await.unwrap();
    assert!(kept.is_empty());
    let (handle, response) = used(&test.engine, &ada, &credential, &mut hers).await;
    let signed_in = sign_in(&test, &handle, &response).await.unwrap();
    assert_eq!(signed_in.current_user.user_id, ada.current_user.user_id);
    // Nor is Ada's own response accepted once more.
    let (handle, _) = made(&test.engine, &eve, &mut authenticator).await;
    let again = add_passkey(&test, &eve, &handle, &credential).await;
    assert!(again.is_err());
    // With an id of its own, the changed response is accepted.
    let (handle, response) = made(&test.engine, &eve, &mut authenticator).await;
    let own = claiming(response.clone(), &response);
    add_passkey(&test, &eve, &handle, &own).await.unwrap();
}

#[tokio::test]
async fn must_survive_11_a_foreign_user_handle_is_rejected() {
    let test = TestEngine::new().await;
    let (ada, credential, mut authenticator) = ada(&test).await;
    let eve = test.registered("eve@example.com").await;
    for handle in [
        Some(eve.current_user.user_id.uuid().as_bytes().to_vec()),
        Some(vec![0; 16]),
        Some(Vec::new()),
        None,
    ] {
        let (ceremony, mut response) =
            used(&test.engine, &ada, &credential, &mut authenticator).await;
        response.response.user_handle = handle;
        let refused = sign_in(&test, &ceremony, &response).await;
        assert!(matches!(
            refused,
            Err(Error::Refused(Refusal::PasskeyNotAccepted))
        ));
    }
}

#[tokio::test]
async fn r30_an_assertion_that_fails_verification_is_rejected() {
    let test = TestEngine::new().await;
    let (ada, credential, mut authenticator) = ada(&test).await;
    for part in ["signature", "authenticator data", "client data"] {
        let (ceremony, mut response) =
            used(&test.engine, &ada, &credential, &mut authenticator).await;
        let bytes = match part {
            "signature" => &mut response.response.signature,
            "authenticator data" => &mut response.response.authenticator_data,
            _ => &mut response.response.client_data_json,
        };
        let mut changed = bytes.to_vec();
        let last = changed.len() - 3;
        changed[last] ^= 1;
        *bytes = changed;
        assert!(
            sign_in(&test, &ceremony, &response).await.is_err(),
            "{part}"
        );
    }
}

#[tokio::test]
async fn must_survive_9_an_assertion_without_user_verification_is_rejected() {
    let test = TestEngine::new().await;
    let (ada, credential, mut authenticator) = ada(&test).await;
    let (ceremony, mut response) = used(&test.engine, &ada, &credential, &mut authenticator).await;
    let mut data = response.response.authenticator_data.to_vec();
    data[32] &= !0b0000_0100;
    response.response.authenticator_data = data;
    assert!(sign_in(&test, &ceremony, &response).await.is_err());
}
