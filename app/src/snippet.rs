//! Configuration of reverse proxies, ready to paste.
//!
//! What each one does, for every request to a service:
//! 1. It takes out the headers in which services expect a name from their proxy: only a proxy may
//!    write those, and a browser must not.
//! 2. It asks `/forward-auth` on the internal listener, with the service's token, the cookies that
//!    the browser brought, and what tells a document from a script; never with the request's body.
//! 3. 200: the request goes on, with the headers in which Latchkey says who came.
//! 4. 302 (nginx: 401 and a header): to the sign-in page, which leads back here. 401: the script or
//!    form is told. 403: no access; signing in would not help.
//! 5. Anything else, silence included: an error. What cannot be asked is not let in.
//!
//! Nothing secret stands in here: the token is shown once, elsewhere, and its place is [`TOKEN`].

mod template;
#[cfg(test)]
mod tests;

use crate::identity::IdentityHeaders;
use askama::Template;
use latchkey_domain::{access::service::ServiceName, request::host::HostPattern};
pub use template::UNTRUSTED;
use template::{Text, Words};

/// Stands for the service token.
pub const TOKEN: &str = "<token>";

/// The proxies that we know.
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

    /// Its word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
        }
    }

    /// How it writes itself.
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

/// What proxies must know of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternalConfig {
    /// Where the internal listener is: host and port.
    pub address: String,
    /// The headers that tell who came.
    pub identity: IdentityHeaders,
}

/// What a snippet is about.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The service.
    pub service: &'a ServiceName,
    /// Its hosts.
    pub hosts: &'a [HostPattern],
    /// Whether people come over https.
    pub is_https: bool,
    /// What proxies must know of this installation.
    pub internal_config: &'a InternalConfig,
}

/// A file to write: where it usually lies, and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path, or what it is.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What to write for a proxy.
///
/// # Errors
/// Those of askama: templates that are compiled in do not fail in practice.
pub fn files(proxy: Proxy, site: &Site<'_>) -> askama::Result<Vec<File>> {
    let service = site.service;
    let words = &Words::of(site);
    let texts = match proxy {
        Proxy::Nginx => vec![(
            format!("/etc/nginx/conf.d/{service}.conf"),
            Text::Nginx { words },
        )],
        Proxy::Caddy => vec![("Caddyfile".to_owned(), Text::Caddyfile { words })],
        Proxy::Traefik => vec![(
            format!("{service}.yaml, a file of the dynamic configuration"),
            Text::Traefik { words },
        )],
        Proxy::Haproxy => vec![
            (
                format!("/etc/haproxy/latchkey-{service}.lua"),
                Text::HaproxyLua { words },
            ),
            (
                "/etc/haproxy/haproxy.cfg".to_owned(),
                Text::Haproxy { words },
            ),
        ],
        Proxy::Envoy => vec![
            (
                "http_filters of the HTTP connection manager".to_owned(),
                Text::Envoy { words },
            ),
            (
                "clusters of static_resources".to_owned(),
                Text::EnvoyClusters { words },
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
