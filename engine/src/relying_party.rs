//! Latchkey as the party that passkeys are bound to (WebAuthn L3 §4).

use crate::OpenError;
use std::time::Duration;
use url::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// The relying party of a public URL: passkeys are bound to its host.
pub(crate) fn new(url: &Url, site_name: &str) -> Result<Webauthn, OpenError> {
    let refuse = |why: &str| OpenError::PublicUrl(url.clone(), why.to_owned());
    let host = match url.host() {
        Some(url::Host::Domain(domain)) => domain,
        Some(_) => {
            return Err(refuse(
                "passkeys need a name, not an address; use a domain, or localhost to try it out",
            ));
        }
        None => return Err(refuse("it names no host")),
    };
    if url.scheme() != "https" && host != "localhost" && !host.ends_with(".localhost") {
        return Err(refuse(
            "browsers allow passkeys and Secure cookies over https only (or on localhost); write https://…",
        ));
    }
    if url.path() != "/"
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
    {
        return Err(refuse(
            "write only scheme and host, like https://login.example.com",
        ));
    }
    WebauthnBuilder::new(host, url)
        .map(|builder| builder.rp_name(site_name).timeout(Duration::from_secs(300)))
        .and_then(WebauthnBuilder::build)
        .map_err(|cause| refuse(&cause.to_string()))
}
