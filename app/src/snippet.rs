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

use askama::Template;
use http::HeaderName;
use latchkey_domain::{host::HostPattern, service::ServiceName};

/// Stands for the service token.
pub const TOKEN: &str = "<token>";

/// Headers of other products in which services expect a name from their proxy.
pub const UNTRUSTED: [&str; 11] = [
    "Remote-User",
    "Remote-Name",
    "Remote-Email",
    "Remote-Groups",
    "X-Remote-User",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Auth-Request-User",
    "X-Auth-Request-Email",
];

/// A service that has no host yet.
const UNNAMED: &str = "service.example.com";

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
    /// Envoy, with `ext_authz` over HTTP.
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

/// The names of the headers in which a service is told who came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityHeaders {
    /// The pseudonym.
    pub subject: HeaderName,
    /// The e-mail address.
    pub email: HeaderName,
    /// The name.
    pub name: HeaderName,
    /// The role.
    pub role: HeaderName,
    /// What the service may learn.
    pub scopes: HeaderName,
    /// How sure we are of the device.
    pub assurance: HeaderName,
    /// All of it, signed.
    pub assertion: HeaderName,
}

impl IdentityHeaders {
    /// All of them, each after the word for what it carries, in the order in which they are shown.
    #[must_use]
    pub const fn all(&self) -> [(&'static str, &HeaderName); 7] {
        [
            ("subject", &self.subject),
            ("email", &self.email),
            ("name", &self.name),
            ("role", &self.role),
            ("scopes", &self.scopes),
            ("assurance", &self.assurance),
            ("assertion", &self.assertion),
        ]
    }
}

impl Default for IdentityHeaders {
    fn default() -> Self {
        let name = HeaderName::from_static;
        Self {
            subject: name("latchkey-subject"),
            email: name("latchkey-email"),
            name: name("latchkey-name"),
            role: name("latchkey-role"),
            scopes: name("latchkey-scopes"),
            assurance: name("latchkey-assurance"),
            assertion: name("latchkey-assertion"),
        }
    }
}

/// What proxies must know of this installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside {
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
    pub inside: &'a Inside,
}

/// A header that tells who came, as templates need it.
struct Header {
    name: String,
    /// What it carries: `subject`.
    word: &'static str,
    /// Its name as nginx writes it in variables.
    variable: String,
}

/// Everything that the templates ask for.
struct Words {
    service: String,
    internal: String,
    token: &'static str,
    is_https: bool,
    /// The first host, without a port.
    first: String,
    /// Every host, without ports.
    names: Vec<String>,
    ports: Vec<String>,
    identity: Vec<Header>,
    untrusted: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "proxy/nginx.conf", escape = "none")]
struct Nginx<'a> {
    service: &'a str,
    internal: &'a str,
    token: &'a str,
    is_https: bool,
    tls: &'a str,
    first: &'a str,
    names: &'a str,
    ports: &'a [String],
    identity: &'a [Header],
    untrusted: &'a [&'static str],
}

#[derive(Template)]
#[template(path = "proxy/Caddyfile", escape = "none")]
struct Caddy<'a> {
    service: &'a str,
    internal: &'a str,
    token: &'a str,
    addresses: &'a str,
    cleared: &'a [&'a str],
    copied: &'a str,
}

#[derive(Template)]
#[template(path = "proxy/traefik.yaml", escape = "none")]
struct Traefik<'a> {
    service: &'a str,
    internal: &'a str,
    is_https: bool,
    rule: &'a str,
    cleared: &'a [&'a str],
    identity: &'a [Header],
}

#[derive(Template)]
#[template(path = "proxy/haproxy.lua", escape = "none")]
struct HaproxyLua<'a> {
    service: &'a str,
    internal: &'a str,
    token: &'a str,
    quoted: &'a str,
}

#[derive(Template)]
#[template(path = "proxy/haproxy.cfg", escape = "none")]
struct Haproxy<'a> {
    service: &'a str,
    port: &'a str,
    tls: &'a str,
    cleared: &'a [&'a str],
}

#[derive(Template)]
#[template(path = "proxy/envoy.yaml", escape = "none")]
struct Envoy<'a> {
    service: &'a str,
    internal: &'a str,
    token: &'a str,
    cleared: &'a [&'a str],
    identity: &'a [Header],
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
    let words = Words::of(site);
    let Words {
        service,
        internal,
        token,
        is_https,
        first,
        names,
        ports,
        identity,
        untrusted,
    } = &words;
    let is_https = *is_https;
    let cleared: Vec<&str> = identity
        .iter()
        .map(|header| header.name.as_str())
        .chain(untrusted.iter().copied())
        .collect();
    // Templates lose the end of their last line, which some programs insist on.
    let file = |path: String, text: String| File {
        path,
        text: text + "\n",
    };
    Ok(match proxy {
        Proxy::Nginx => {
            let text = Nginx {
                service,
                internal,
                token,
                is_https,
                tls: if is_https { " ssl" } else { "" },
                first,
                names: &names.join(" "),
                ports,
                identity,
                untrusted,
            }
            .render()?;
            vec![file(format!("/etc/nginx/conf.d/{service}.conf"), text)]
        }
        Proxy::Caddy => {
            let scheme = if is_https { "" } else { "http://" };
            let addresses: Vec<_> = site
                .named()
                .iter()
                .map(|host| format!("{scheme}{host}"))
                .collect();
            let copied: Vec<_> = identity.iter().map(|header| &*header.name).collect();
            let text = Caddy {
                service,
                internal,
                token,
                addresses: &addresses.join(", "),
                cleared: &cleared,
                copied: &copied.join(" "),
            }
            .render()?;
            vec![file("Caddyfile".to_owned(), text)]
        }
        Proxy::Traefik => {
            let rules: Vec<_> = names
                .iter()
                .map(|name| match name.strip_prefix("*.") {
                    Some(above) => format!("HostRegexp(`^[^.]+\\.{}$`)", above.replace('.', "\\.")),
                    None => format!("Host(`{name}`)"),
                })
                .collect();
            let text = Traefik {
                service,
                internal,
                is_https,
                rule: &rules.join(" || "),
                cleared: &cleared,
                identity,
            }
            .render()?;
            vec![file(
                format!("{service}.yaml, a file of the dynamic configuration"),
                text,
            )]
        }
        Proxy::Haproxy => {
            let quoted: Vec<_> = identity
                .iter()
                .map(|header| format!("\"{}\"", header.name))
                .collect();
            let port = ports.first().map_or("443", String::as_str);
            let tls = match is_https {
                true => format!(" ssl crt /etc/haproxy/{first}.pem"),
                false => String::new(),
            };
            let lua = HaproxyLua {
                service,
                internal,
                token,
                quoted: &quoted.join(", "),
            }
            .render()?;
            let text = Haproxy {
                service,
                port,
                tls: &tls,
                cleared: &cleared,
            }
            .render()?;
            vec![
                file(format!("/etc/haproxy/latchkey-{service}.lua"), lua),
                file("/etc/haproxy/haproxy.cfg".to_owned(), text),
            ]
        }
        Proxy::Envoy => {
            let text = Envoy {
                service,
                internal,
                token,
                cleared: &cleared,
                identity,
            }
            .render()?;
            vec![file(
                "http_filters of the HTTP connection manager".to_owned(),
                text,
            )]
        }
    })
}

impl Site<'_> {
    /// Its hosts, or a name to be replaced.
    fn named(&self) -> Vec<String> {
        match self.hosts {
            [] => vec![UNNAMED.to_owned()],
            hosts => hosts.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Words {
    fn of(site: &Site<'_>) -> Self {
        let own_port = if site.is_https { "443" } else { "80" };
        let (mut names, mut ports) = (Vec::new(), Vec::new());
        for host in site.named() {
            let (name, port) = host.split_once(':').unwrap_or((&host, own_port));
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
            if !ports.iter().any(|known| known == port) {
                ports.push(port.to_owned());
            }
        }
        let first = names.first().cloned().unwrap_or_default();
        Self {
            service: site.service.to_string(),
            internal: site.inside.address.clone(),
            token: TOKEN,
            is_https: site.is_https,
            first: first.trim_start_matches("*.").to_owned(),
            names,
            ports,
            identity: site
                .inside
                .identity
                .all()
                .into_iter()
                .map(|(word, name)| Header {
                    name: in_title_case(name),
                    word,
                    variable: name.as_str().replace('-', "_"),
                })
                .collect(),
            // One of these may have been chosen for what Latchkey says itself.
            untrusted: UNTRUSTED
                .into_iter()
                .filter(|name| {
                    !site
                        .inside
                        .identity
                        .all()
                        .iter()
                        .any(|(_, own)| *own == name)
                })
                .collect(),
        }
    }
}

/// As people write header names; machines do not mind (RFC 9110 §5.1).
fn in_title_case(name: &HeaderName) -> String {
    let part = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    name.as_str()
        .split('-')
        .map(part)
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests;
