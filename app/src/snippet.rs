//! Configuration of reverse proxies, ready to paste.
//!
//! What each proxy does with every request to a service:
//! 1. It removes the headers in which services expect the identity of the user: only a proxy may set those.
//! 2. It asks `/forward-auth` on the internal listener, with the service's token, the cookies that
//!    the browser brought, and what tells a document from a script; never with the request's body.
//! 3. 200: the request goes on, with the headers in which Latchkey says who came.
//! 4. 302 (nginx: 401 and a header): to the sign-in page, which leads back here. 401: the script or
//!    form is told. 403: no access; signing in would not help.
//! 5. Anything else, a timeout included: an error. Without a decision, no request is let through.
//!
//! The configuration contains no secret: the token is shown once, elsewhere; [`TOKEN`] stands for it.

mod template;
#[cfg(test)]
mod tests;
pub mod token_request;

use crate::{identity::IdentityHeaders, messages::m};
use askama::Template;
use latchkey_domain::{access::service::ServiceName, request::host::HostPattern};
use std::str::FromStr;
pub use template::UNTRUSTED;
use template::{TemplateContext, Text};

/// Stands for the service token.
pub const TOKEN: &str = "<token>";

/// The supported proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    /// nginx, with `ngx_http_auth_request_module`.
    Nginx,
    /// Caddy 2, with `forward_auth`.
    Caddy,
    /// Traefik 3, with `ForwardAuth`.
    Traefik,
    /// HAProxy 2.6 or newer, with Lua.
    Haproxy,
    /// Envoy 1.36 or newer, with `ext_authz` over HTTP.
    Envoy,
}

impl Proxy {
    /// Every one, the most usual first.
    pub const ALL: [Self; 5] = [
        Self::Nginx,
        Self::Caddy,
        Self::Traefik,
        Self::Haproxy,
        Self::Envoy,
    ];

    /// Its identifier, as on the command line.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "Caddy",
            Self::Traefik => "Traefik",
            Self::Haproxy => "HAProxy",
            Self::Envoy => "Envoy",
        }
    }
}

/// Reads [`Proxy::slug`].
impl FromStr for Proxy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let proxy = Self::ALL.into_iter().find(|proxy| proxy.slug() == text);
        proxy.ok_or("unknown proxy")
    }
}

/// What the configuration of a proxy needs to know of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternalConfig {
    /// Where the internal listener is: host and port.
    pub address: String,
    /// The identity headers.
    pub identity: IdentityHeaders,
}

/// What a snippet is generated for.
#[derive(Debug, Clone, Copy)]
pub struct SnippetContext<'a> {
    /// The service.
    pub service: &'a ServiceName,
    /// Its hosts.
    pub hosts: &'a [HostPattern],
    /// Whether users connect over https.
    pub is_https: bool,
    /// What the configuration needs to know of this installation.
    pub internal_config: &'a InternalConfig,
}

/// A file to write: its usual path, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path, or what it is.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Generates the configuration of a proxy.
///
/// # Errors
/// Those of askama: templates that are compiled in do not fail in practice.
pub fn files(proxy: Proxy, context: &SnippetContext<'_>) -> askama::Result<Vec<File>> {
    let service = context.service;
    let ctx = &TemplateContext::of(context);
    let texts = match proxy {
        Proxy::Nginx => vec![(
            format!("/etc/nginx/conf.d/{service}.conf"),
            Text::Nginx { ctx },
        )],
        Proxy::Caddy => vec![("Caddyfile".to_owned(), Text::Caddyfile { ctx })],
        Proxy::Traefik => vec![(
            m::proxy_file_traefik(service.as_str()).text(),
            Text::Traefik { ctx },
        )],
        Proxy::Haproxy => vec![
            (
                format!("/etc/haproxy/latchkey-{service}.lua"),
                Text::HaproxyLua { ctx },
            ),
            ("/etc/haproxy/haproxy.cfg".to_owned(), Text::Haproxy { ctx }),
        ],
        Proxy::Envoy => vec![
            (m::PROXY_FILE_ENVOY_FILTERS.text(), Text::Envoy { ctx }),
            (
                m::PROXY_FILE_ENVOY_CLUSTERS.text(),
                Text::EnvoyClusters { ctx },
            ),
        ],
    };
    let file = |(path, text): (_, Text<'_>)| {
        // Templates lose the end of their last line, which some programs insist on.
        let text = text.render()? + "\n";
        Ok(File { path, text })
    };
    texts.into_iter().map(file).collect()
}
