//! Which authenticators are trusted to attest their model: the statements of the FIDO Metadata Service (MDS v3.1), from a
//! file that the operator downloads.
//!
//! 1. The file is a signed token (JWS, RFC 7515) whose header has the certificates of its signer (§3.1.7, §3.2).
//! 2. They must lead to the root of the service, which is compiled in, and be valid now for the name of the service.
//! 3. The first certificate's key must have signed the token.
//! 4. Each entry has an AAGUID, the roots of that model's attestation certificates, and reports of its status. Models
//!    that are revoked or compromised are left out.

use crate::{OpenError, Settings};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use latchkey_domain::identity::authenticator::Aaguid;
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf};
use time::OffsetDateTime;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use uuid::Uuid;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, ring as algorithms};

/// GlobalSign Root CA - R3, to which the certificates of the service lead (MDS v3.1 §3.2).
const ROOT: &[u8] = include_bytes!("../../../data/globalsign_root_r3.der");

/// The name in the certificate of the service.
const SIGNER: &str = "mds.fidoalliance.org";

/// Reports after which a model attests nothing (MDS v3.1 §3.1.4).
const COMPROMISED: [&str; 5] = [
    "REVOKED",
    "USER_VERIFICATION_BYPASS",
    "ATTESTATION_KEY_COMPROMISE",
    "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE",
];

/// Which passkeys are accepted: those whose authenticators attest their model.
#[derive(Debug, Clone)]
pub struct AttestationPolicy {
    /// The file of the FIDO Metadata Service.
    pub metadata_file: PathBuf,
    /// The models that are accepted; all in the file if it is empty.
    pub models: Vec<Aaguid>,
}

/// What is wrong with a metadata file.
#[derive(Debug, thiserror::Error)]
pub enum MetadataFault {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    /// It is not a token of the service.
    #[error("not a metadata token")]
    Malformed,
    /// Its certificates do not lead to the root of the service, or are not valid now.
    #[error("certificates not trusted: {0}")]
    Untrusted(webpki::Error),
    /// It was changed after it was signed.
    #[error("bad signature")]
    Signature,
    /// It has none of the models that are accepted.
    #[error("no accepted model")]
    NoModel,
}

/// The attestation roots of the models that are accepted.
#[derive(Debug)]
pub(crate) struct TrustedModels(BTreeMap<Aaguid, Vec<Vec<u8>>>);

#[derive(Deserialize)]
struct Header {
    alg: String,
    x5c: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    next_update: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    aaguid: Option<Uuid>,
    metadata_statement: Option<Statement>,
    #[serde(default)]
    status_reports: Vec<StatusReport>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(default)]
    attestation_root_certificates: Vec<String>,
}

#[derive(Deserialize)]
struct StatusReport {
    status: String,
}

impl TrustedModels {
    /// If authenticators must attest their model, reads the file and checks who signed it.
    pub(crate) fn of_settings(settings: &Settings) -> Result<Option<Self>, OpenError> {
        let Some(policy) = &settings.passkeys.attestation else {
            return Ok(None);
        };
        let read = || {
            let text = std::fs::read_to_string(&policy.metadata_file)?;
            Self::read(text.trim(), ROOT, &policy.models, settings.clock.now())
        };
        let fault = |fault| OpenError::Metadata(policy.metadata_file.clone(), fault);
        read().map(Some).map_err(fault)
    }

    fn read(
        token: &str,
        root: &[u8],
        models: &[Aaguid],
        now: OffsetDateTime,
    ) -> Result<Self, MetadataFault> {
        let payload = verified(token, root, now)?;
        let payload: Payload =
            serde_json::from_slice(&payload).map_err(|_| MetadataFault::Malformed)?;
        if payload.next_update < now.date().to_string() {
            tracing::warn!(due = %payload.next_update, "a newer metadata file of the FIDO Metadata Service is due");
        }
        let trusted: BTreeMap<_, _> = payload
            .entries
            .into_iter()
            .filter_map(Entry::trusted)
            .filter(|(model, _)| models.is_empty() || models.contains(model))
            .collect();
        for model in models.iter().filter(|model| !trusted.contains_key(model)) {
            tracing::warn!(%model, "the metadata file does not have this model, or says that it is compromised");
        }
        match trusted.is_empty() {
            true => Err(MetadataFault::NoModel),
            false => Ok(Self(trusted)),
        }
    }

    /// The roots to which the attestation certificates of a model lead, if it is accepted.
    pub(super) fn roots(&self, model: Aaguid) -> Option<&[Vec<u8>]> {
        self.0.get(&model).map(Vec::as_slice)
    }
}

impl Entry {
    /// Its model and roots, if it attests anything that is worth something.
    fn trusted(self) -> Option<(Aaguid, Vec<Vec<u8>>)> {
        let model = self.aaguid.and_then(Aaguid::from_uuid)?;
        let is_compromised = |report: &StatusReport| COMPROMISED.contains(&report.status.as_str());
        if self.status_reports.iter().any(is_compromised) {
            return None;
        }
        let roots: Vec<_> = self
            .metadata_statement?
            .attestation_root_certificates
            .iter()
            .filter_map(|root| certificate(root))
            .collect();
        (!roots.is_empty()).then_some((model, roots))
    }
}

/// A certificate in base64, as metadata and headers have it: some have line breaks.
fn certificate(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(text).ok()
}

/// The payload of a token that the service signed.
fn verified(token: &str, root: &[u8], now: OffsetDateTime) -> Result<Vec<u8>, MetadataFault> {
    let malformed = || MetadataFault::Malformed;
    let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
    let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed());
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| malformed())?;
    let certificates = header
        .x5c
        .iter()
        .map(|text| {
            certificate(text)
                .map(CertificateDer::from)
                .ok_or_else(malformed)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let (leaf, intermediates) = certificates.split_first().ok_or_else(malformed)?;
    if header.alg != "RS256" {
        return Err(malformed());
    }
    let signer = trusted_signer(leaf, intermediates, root, now)?;
    signer
        .verify_signature(
            algorithms::RSA_PKCS1_2048_8192_SHA256,
            signed.as_bytes(),
            &decode(signature)?,
        )
        .map_err(|_| MetadataFault::Signature)?;
    decode(payload)
}

fn trusted_signer<'a>(
    leaf: &'a CertificateDer<'a>,
    intermediates: &[CertificateDer<'_>],
    root: &[u8],
    now: OffsetDateTime,
) -> Result<EndEntityCert<'a>, MetadataFault> {
    let root = CertificateDer::from(root);
    let untrusted = MetadataFault::Untrusted;
    let anchor = anchor_from_trusted_cert(&root).map_err(untrusted)?;
    let signer = EndEntityCert::try_from(leaf).map_err(untrusted)?;
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    signer
        .verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &[anchor],
            intermediates,
            now,
            KeyUsage::server_auth(),
            None,
            None,
        )
        .map_err(untrusted)?;
    let name = ServerName::try_from(SIGNER).map_err(|_| MetadataFault::Malformed)?;
    signer
        .verify_is_valid_for_subject_name(&name)
        .map_err(untrusted)?;
    Ok(signer)
}

#[cfg(test)]
mod tests;
