//! Latchkey as the party that passkeys are bound to (WebAuthn L3 §4).

use crate::{AttestationPolicy, OpenError};
use std::time::Duration;
use url::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// Why passkeys cannot be bound to a public URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlFault {
    /// Its host is an IP address.
    #[error("IP address as host")]
    Address,
    /// It has no host.
    #[error("no host")]
    NoHost,
    /// Browsers allow neither passkeys nor cookies with `Secure` there.
    #[error("not https")]
    NotHttps,
    /// It has more than scheme and host.
    #[error("not an origin")]
    NotAnOrigin,
    /// webauthn-rs does not accept it.
    #[error("{0}")]
    Refused(String),
}

/// What is accepted of passkeys besides the rules that always hold.
#[derive(Debug, Clone, Default)]
pub struct PasskeySettings {
    /// Other origins at which passkeys can be used (WebAuthn L3 §5.11).
    pub related_origins: Vec<Url>,
    /// Whether authenticators must attest their model; if not, none is asked to.
    pub attestation: Option<AttestationPolicy>,
}

/// The relying party of a public URL: passkeys are bound to its host.
/// Each origin is compared exactly: scheme, host and port.
pub(crate) fn new(
    url: &Url,
    site_name: &str,
    related_origins: &[Url],
) -> Result<Webauthn, OpenError> {
    let refuse = |fault| OpenError::PublicUrl(url.clone(), fault);
    let host = match url.host() {
        Some(url::Host::Domain(domain)) => domain,
        Some(_) => return Err(refuse(PublicUrlFault::Address)),
        None => return Err(refuse(PublicUrlFault::NoHost)),
    };
    if url.scheme() != "https" && host != "localhost" && !host.ends_with(".localhost") {
        return Err(refuse(PublicUrlFault::NotHttps));
    }
    if url.path() != "/"
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
    {
        return Err(refuse(PublicUrlFault::NotAnOrigin));
    }
    WebauthnBuilder::new(host, url)
        .map(|builder| {
            let builder = builder.rp_name(site_name).timeout(Duration::from_secs(300));
            related_origins
                .iter()
                .fold(builder, WebauthnBuilder::append_allowed_origin)
        })
        .and_then(WebauthnBuilder::build)
        .map_err(|cause| refuse(PublicUrlFault::Refused(cause.to_string())))
}
