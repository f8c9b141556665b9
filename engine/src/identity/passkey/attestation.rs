//! Attestation of an authenticator's model (WebAuthn L3 §6.5), where the operator requires it.

use super::{authenticator::aaguid_of, metadata::TrustedModels};
use crate::{Error, Refusal, RegisterPublicKeyCredential, Result, error::chain};
use std::collections::BTreeMap;
use webauthn_rs::{
    Webauthn,
    prelude::{
        AttestationCaListBuilder, AttestationFormat, AttestedPasskeyRegistration,
        Passkey as Credential, PasskeyRegistration,
    },
};
use webauthn_rs_proto::{
    AttestationConveyancePreference, PublicKeyCredentialCreationOptions, PublicKeyCredentialHints,
};

/// Asks for what [`check`] requires: phones used over hybrid transport attest nothing.
pub(super) fn ask(options: &mut PublicKeyCredentialCreationOptions) {
    options.attestation = Some(AttestationConveyancePreference::Direct);
    options.attestation_formats = Some(vec![AttestationFormat::Packed, AttestationFormat::Tpm]);
    options.hints = Some(vec![
        PublicKeyCredentialHints::SecurityKey,
        PublicKeyCredentialHints::ClientDevice,
    ]);
}

/// The credential, if its authenticator attests that it is a model that is accepted (WebAuthn L3 §7.1 steps 23 and 24).
/// webauthn-rs ties the AAGUID to the certificates for the formats `packed` and `tpm` alone, and refuses others.
pub(super) fn check(
    webauthn: &Webauthn,
    models: &TrustedModels,
    answer: &RegisterPublicKeyCredential,
    state: &PasskeyRegistration,
) -> Result<Credential> {
    let refused = || Error::from(Refusal::AuthenticatorNotAccepted);
    let model = aaguid_of(answer).ok_or_else(refused)?;
    let roots = models.roots(model).ok_or_else(refused)?;
    // The roots of this model alone: those of another one must not attest it.
    let mut list = AttestationCaListBuilder::new();
    for root in roots {
        let (id, name) = (model.uuid(), model.to_string());
        if (list.insert_device_der(root, id, name, BTreeMap::new())).is_err() {
            tracing::warn!(%model, "the metadata file has an attestation root that cannot be read");
        }
    }
    // The same ceremony with roots: its stored state does not need them.
    let mut state = serde_json::to_value(state).map_err(Error::internal)?;
    state["ca_list"] = serde_json::to_value(list.build()).map_err(Error::internal)?;
    let state: AttestedPasskeyRegistration =
        serde_json::from_value(state).map_err(Error::internal)?;
    let attested = webauthn
        .finish_attested_passkey_registration(answer, &state)
        .map_err(|cause| {
            tracing::info!(cause = %chain(&cause), %model, "an authenticator was not accepted");
            refused()
        })?;
    let credential = serde_json::to_value(attested).map_err(Error::internal)?;
    serde_json::from_value(credential).map_err(Error::internal)
}
