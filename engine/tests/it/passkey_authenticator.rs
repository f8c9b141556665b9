//! What a passkey is kept in.

use crate::{
    passkey::{add_passkey, change, made, sign_in, used, with_passkey},
    test_engine::TestEngine,
};
use latchkey_engine::RegisterPublicKeyCredential;
use serde_cbor_2::Value;
use serde_json::json;
use std::collections::BTreeMap;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

/// The same response without attestation, by an authenticator of this model.
fn by_model(
    mut response: RegisterPublicKeyCredential,
    aaguid: u128,
) -> RegisterPublicKeyCredential {
    let name = |name: &str| Value::Text(name.to_owned());
    let bytes = response.response.attestation_object.to_vec();
    let mut object: BTreeMap<Value, Value> = serde_cbor_2::from_slice(&bytes).unwrap();
    let Some(Value::Bytes(data)) = object.get_mut(&name("authData")) else {
        panic!("authenticator data")
    };
    data[37..53].copy_from_slice(&aaguid.to_be_bytes());
    object.insert(name("fmt"), name("none"));
    object.insert(name("attStmt"), Value::Map(BTreeMap::new()));
    response.response.attestation_object = serde_cbor_2::to_vec(&object).unwrap();
    response
}

#[tokio::test]
async fn a_passkey_keeps_the_model_of_its_authenticator() {
    let test = TestEngine::new().await;
    let mut ada = test.registered("ada@example.com").await;
    for (aaguid, shown, name) in [
        (
            0x2fc0_579f_8113_47ea_b116_bb5a_8db9_202a,
            Some("2fc0579f-8113-47ea-b116-bb5a8db9202a"),
            Some("YubiKey 5 Series with NFC"),
        ),
        (1, Some("00000000-0000-0000-0000-000000000001"), None),
        (0, None, None),
    ] {
        let change = change(&test, &ada).await;
        let mut authenticator = SoftPasskey::new(true);
        let (handle, response) = made(&test.engine, &change, &mut authenticator).await;
        let response = by_model(response, aaguid);
        let added = add_passkey(&test, &change, &handle, &response).await;
        let (passkey, signed_in) = added.unwrap();
        // It is still there after the passkey was used.
        let (handle, used) = used(&test.engine, &signed_in, &response, &mut authenticator).await;
        ada = sign_in(&test, &handle, &used).await.unwrap();
        let passkeys = test.engine.my_passkeys(&ada.current_user).await.unwrap();
        let kept = passkeys.iter().find(|kept| kept.id == passkey.id).unwrap();
        assert_eq!(kept.aaguid.map(|id| id.to_string()).as_deref(), shown);
        assert_eq!(kept.authenticator.as_deref(), name);
    }
}

#[tokio::test]
async fn the_options_of_a_registration_ask_for_a_discoverable_credential_that_verifies_its_user() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let (ada, registered, _) = with_passkey(&test, &ada).await;
    let proof = change(&test, &ada).await;
    let (_, options) = test
        .engine
        .begin_passkey_registration(&proof)
        .await
        .unwrap();
    let options = serde_json::to_value(options.public_key).unwrap();
    assert_eq!(options["hints"], json!(["client-device"]));
    assert!(
        matches!(options["attestation"].as_str(), None | Some("none")),
        "{options}"
    );
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    // Credential protection: without its user's verification, an authenticator does not even say that it has the credential.
    let extensions = &options["extensions"];
    assert_eq!(
        extensions["credentialProtectionPolicy"],
        "userVerificationRequired"
    );
    let excluded = options["excludeCredentials"].as_array().unwrap();
    assert_eq!(excluded.len(), 1);
    assert_eq!(excluded[0]["id"], registered.id);
}
