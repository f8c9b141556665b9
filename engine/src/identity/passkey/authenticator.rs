//! What an attestation object says about the authenticator (WebAuthn L3 §6.5.4).

use crate::RegisterPublicKeyCredential;
use latchkey_domain::identity::authenticator::Aaguid;
use serde_cbor_2::Value;

/// Where the AAGUID is in authenticator data: after the hash of the relying party, flags and counter (WebAuthn L3 §6.1).
const AAGUID: std::ops::Range<usize> = 37..53;

/// The AAGUID of a new credential, which webauthn-rs checks but does not return.
pub(super) fn aaguid_of(answer: &RegisterPublicKeyCredential) -> Option<Aaguid> {
    let object = serde_cbor_2::from_slice(answer.response.attestation_object.as_ref()).ok()?;
    let Value::Map(object) = object else {
        return None;
    };
    let Value::Bytes(data) = object.get(&Value::Text("authData".to_owned()))? else {
        return None;
    };
    Aaguid::from_bytes(data.get(AAGUID)?.try_into().ok()?)
}
