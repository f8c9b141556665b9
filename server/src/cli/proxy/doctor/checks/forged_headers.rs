//! Forged identity headers: a proxy must remove them in every spelling (CVE-2025-64484, CVE-2026-88011), and
//! must not drop Latchkey's own when a client names them in `Connection` (CVE-2024-45410).

use crate::cli::{
    finding::Finding,
    proxy::doctor::{exchange::ProbeRequest, observation::Observation},
};
use axum::http::{HeaderName, header};
use latchkey_app::{identity::IdentityHeaders, snippet::UNTRUSTED};

/// How the names are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Spelling {
    /// Exactly as Latchkey sends them.
    Exact,
    /// With `_`, which many services read as `-`.
    Underscore,
    /// With `.`, which some services read as `-`.
    Dot,
    /// Exactly, and named in `Connection`, which makes them hop-by-hop.
    InConnection,
    /// The identity headers of other products.
    OtherProducts,
}

impl Spelling {
    pub(in super::super) const ALL: [Self; 5] = [
        Self::Exact,
        Self::Underscore,
        Self::Dot,
        Self::InConnection,
        Self::OtherProducts,
    ];
}

/// Headers with a unique value each.
pub(in super::super) struct ForgedHeaders {
    spelling: Spelling,
    values: Vec<(HeaderName, String)>,
}

impl ForgedHeaders {
    /// Values contain `nonce`, so that they are found in what the backend received.
    pub(in super::super) fn new(
        identity: &IdentityHeaders,
        spelling: Spelling,
        nonce: &str,
    ) -> Self {
        let own = || {
            identity
                .all()
                .into_iter()
                .map(|(_, name)| name.as_str().to_owned())
        };
        let with = |separator: &str| own().map(|name| name.replace('-', separator)).collect();
        let names: Vec<String> = match spelling {
            Spelling::Exact | Spelling::InConnection => own().collect(),
            Spelling::Underscore => with("_"),
            Spelling::Dot => with("."),
            Spelling::OtherProducts => UNTRUSTED
                .iter()
                .map(|name| name.to_ascii_lowercase())
                .filter(|name| own().all(|own| own != *name))
                .collect(),
        };
        let values = names
            .iter()
            .enumerate()
            // Two digits: no value is a prefix of another.
            .filter_map(|(index, name)| Some((name.parse().ok()?, format!("forged{nonce}x{index:02}"))))
            .collect();
        Self { spelling, values }
    }

    /// Adds them to a request.
    pub(in super::super) fn apply(&self, mut request: ProbeRequest) -> ProbeRequest {
        for (name, value) in &self.values {
            request = request.with_header(name.clone(), value);
        }
        if self.spelling == Spelling::InConnection {
            let names: Vec<_> = self.values.iter().map(|(name, _)| name.as_str()).collect();
            request = request.with_header(
                header::CONNECTION,
                &format!("keep-alive, {}", names.join(", ")),
            );
        }
        request
    }

    /// Reports those that reached the backend, if any.
    pub(in super::super) fn check(
        &self,
        check: &'static str,
        observation: &Observation,
    ) -> Option<Finding> {
        let forwarded: Vec<_> = self
            .values
            .iter()
            .filter(|(_, value)| observation.contains(value))
            .map(|(name, _)| name.as_str())
            .collect();
        let first = forwarded.first()?;
        let remedy = match self.spelling {
            Spelling::Exact | Spelling::InConnection => format!(
                "any client can impersonate any user there. Remove it before Latchkey's own header is added (nginx: proxy_set_header {first} with Latchkey's variable; Caddy: request_header -{first} before forward_auth; HAProxy: http-request del-header {first} before Latchkey is asked)"
            ),
            Spelling::Underscore => "many services read it as the header with hyphens. Remove it (nginx: underscores_in_headers off, which is the default; Caddy: request_header -*_*; HAProxy: http-request del-header _ -m sub; Traefik: authResponseHeadersRegex; Envoy: remove_on_match)".to_owned(),
            Spelling::Dot => "some services read it as the header with hyphens. Make sure that yours does not, or remove it (nginx: ignore_invalid_headers on, which is the default; Caddy: request_header -*.*; HAProxy: http-request del-header . -m sub; Traefik: authResponseHeadersRegex; Envoy: remove_on_match)".to_owned(),
            Spelling::OtherProducts => format!("a service that was configured for another login trusts it. Remove it, as the snippet does (nginx: proxy_set_header {first} \"\";)"),
        };
        let message = format!(
            "identity headers of the client reach the backend in {}: {remedy}",
            forwarded.join(", ")
        );
        Some(match self.spelling {
            Spelling::Dot => Finding::warning(check, "dotted_headers_forwarded", message),
            Spelling::OtherProducts => {
                Finding::warning(check, "other_identity_headers_forwarded", message)
            }
            Spelling::Exact | Spelling::Underscore | Spelling::InConnection => {
                Finding::failed(check, "forged_headers_forwarded", message)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;
    use crate::{cli::finding::Status, config::identity::Identity};

    fn check(spelling: Spelling, lines: &[(&str, &str)]) -> Option<Finding> {
        let forged = ForgedHeaders::new(&Identity::by_default().headers, spelling, "7f");
        forged.check("forged headers", &fixtures::received(lines))
    }

    #[test]
    fn r20_r25_forwarded_identity_headers_are_found_in_every_spelling_and_named() {
        for (spelling, name, status) in [
            (Spelling::Exact, "latchkey-email", Status::Failed),
            (Spelling::InConnection, "latchkey-email", Status::Failed),
            (Spelling::Underscore, "latchkey_email", Status::Failed),
            (Spelling::Dot, "latchkey.email", Status::Warning),
            (Spelling::OtherProducts, "remote-name", Status::Warning),
        ] {
            let finding = check(spelling, &[("x-other", "forged7fx01")]).unwrap();
            assert_eq!(finding.status, status, "{spelling:?}");
            assert!(
                finding.message.contains(&format!("in {name}:")),
                "{}",
                finding.message
            );
            // Added to Latchkey's own, if a proxy adds instead of replacing.
            assert!(
                check(
                    spelling,
                    &[("latchkey-email", "ada@example.com, forged7fx01")]
                )
                .is_some()
            );
            assert!(check(spelling, &[("latchkey-email", "ada@example.com")]).is_none());
        }
    }

    #[test]
    fn a_page_that_shows_a_forged_value_is_found_without_a_mock_backend() {
        let forged = ForgedHeaders::new(&Identity::by_default().headers, Spelling::Exact, "7f");
        let page = Observation::Opaque("<p>Hello, forged7fx02</p>".to_owned());
        assert!(
            forged
                .check("forged headers", &page)
                .unwrap()
                .message
                .contains("latchkey-name")
        );
        assert!(
            forged
                .check("forged headers", &Observation::NotReceived)
                .is_none()
        );
    }

    #[test]
    fn r24_identity_headers_are_also_named_in_connection() {
        let request = ProbeRequest::new(&"https://a.example/".parse().unwrap());
        let forged = ForgedHeaders::new(
            &Identity::by_default().headers,
            Spelling::InConnection,
            "7f",
        );
        let sent = format!("{:?}", forged.apply(request));
        assert!(
            sent.contains("keep-alive, latchkey-subject, latchkey-email"),
            "{sent}"
        );
    }

    #[test]
    fn a_name_that_is_configured_for_latchkey_is_not_one_of_other_products() {
        let identity = IdentityHeaders {
            email: HeaderName::from_static("remote-email"),
            ..Identity::by_default().headers
        };
        let others = ForgedHeaders::new(&identity, Spelling::OtherProducts, "7f");
        assert!(others.values.iter().all(|(name, _)| name != "remote-email"));
    }
}
