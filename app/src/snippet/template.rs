//! The templates in `app/templates/proxy`, and their variables.

use super::{SnippetContext, TOKEN};
use askama::Template;
use http::HeaderName;

/// Headers that services trust from a proxy, and that ours never sets: identities in the headers of other products, and
/// paths, methods and addresses other than those that Latchkey decided on.
pub const UNTRUSTED: [&str; 50] = [
    // Ours, where others were chosen.
    "Latchkey-Subject",
    "Latchkey-Email",
    "Latchkey-Name",
    "Latchkey-Role",
    "Latchkey-Scopes",
    "Latchkey-Assurance",
    "Latchkey-Risk",
    "Latchkey-Assertion",
    // Who it is.
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
    "X-Auth-Request-Groups",
    "X-Auth-Request-Preferred-Username",
    "X-Auth-Request-Access-Token",
    "X-Forwarded-Access-Token",
    "X-WebAuth-User",
    "X-User",
    "X-Auth-User",
    "X-Authenticated-User",
    // Another path, method or host.
    "X-Original-URL",
    "X-Original-URI",
    "X-Original-Method",
    "X-Original-Host",
    "X-Rewrite-URL",
    "X-Script-Name",
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X-Forwarded-Method",
    "X-Forwarded-Uri",
    "X-Forwarded-Path",
    "X-Forwarded-Prefix",
    "X-Host",
    // From elsewhere, or over something else.
    "Forwarded",
    "X-Forwarded-Scheme",
    "X-Forwarded-Protocol",
    "X-Forwarded-Ssl",
    "X-Url-Scheme",
    "Front-End-Https",
    "True-Client-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
];

/// The same, but Traefik writes them.
const UNTRUSTED_BUT_OF_TRAEFIK: [&str; 2] = ["X-Real-IP", "X-Forwarded-Port"];

/// What header names may have beside letters, digits and hyphens (RFC 9110 §5.6.2): some servers make
/// the same of all of these (CVE-2026-88011).
const ODD: &str = "_.!#$%&'*+^`|~";

/// A service that has no host yet.
const UNNAMED: &str = "service.example.com";

/// A template, and its variables.
#[derive(Template)]
#[template(escape = "none")]
pub(super) enum Text<'a> {
    #[template(path = "proxy/nginx.conf")]
    Nginx { ctx: &'a TemplateContext },
    #[template(path = "proxy/Caddyfile")]
    Caddyfile { ctx: &'a TemplateContext },
    #[template(path = "proxy/traefik.yaml")]
    Traefik { ctx: &'a TemplateContext },
    #[template(path = "proxy/haproxy.lua")]
    HaproxyLua { ctx: &'a TemplateContext },
    #[template(path = "proxy/haproxy.cfg")]
    Haproxy { ctx: &'a TemplateContext },
    #[template(path = "proxy/envoy.yaml")]
    Envoy { ctx: &'a TemplateContext },
    #[template(path = "proxy/envoy-clusters.yaml")]
    EnvoyClusters { ctx: &'a TemplateContext },
}

/// The variables of the templates.
pub(super) struct TemplateContext {
    service: String,
    internal: String,
    token: &'static str,
    is_https: bool,
    /// Every host as it was written; never empty.
    hosts: Vec<String>,
    /// Every host once, without its port.
    names: Vec<String>,
    /// Every port once.
    ports: Vec<String>,
    /// The identity headers.
    identity: Vec<Header>,
    /// The identity headers of other products, and the like.
    untrusted: Vec<&'static str>,
    /// Those of them that Traefik sets itself.
    untrusted_but_of_traefik: Vec<&'static str>,
    /// Headers with one of these characters in their name are removed.
    odd: std::str::Chars<'static>,
}

/// An identity header.
struct Header {
    name: String,
    /// What it carries: `subject`.
    word: &'static str,
    /// Its name as nginx writes it in variables.
    variable: String,
}

impl TemplateContext {
    pub(super) fn of(context: &SnippetContext<'_>) -> Self {
        let hosts = match context.hosts {
            [] => vec![UNNAMED.to_owned()],
            hosts => hosts.iter().map(ToString::to_string).collect(),
        };
        let own_port = if context.is_https { "443" } else { "80" };
        let (mut names, mut ports) = (Vec::new(), Vec::new());
        for host in &hosts {
            let (name, port) = host.split_once(':').unwrap_or((host, own_port));
            for (list, part) in [(&mut names, name), (&mut ports, port)] {
                if !list.iter().any(|known| known == part) {
                    list.push(part.to_owned());
                }
            }
        }
        let own = context.internal_config.identity.all();
        let header = |(word, name): (_, &HeaderName)| Header {
            name: in_title_case(name),
            word,
            variable: name.as_str().replace('-', "_"),
        };
        // The installation may have chosen one of them for its own identity headers.
        let is_others = |name: &&str| !own.iter().any(|(_, own)| *own == name);
        Self {
            service: context.service.to_string(),
            internal: context.internal_config.address.clone(),
            token: TOKEN,
            is_https: context.is_https,
            hosts,
            names,
            ports,
            identity: own.map(header).into(),
            untrusted: UNTRUSTED.into_iter().filter(is_others).collect(),
            untrusted_but_of_traefik: UNTRUSTED_BUT_OF_TRAEFIK
                .into_iter()
                .filter(is_others)
                .collect(),
            odd: ODD.chars(),
        }
    }

    /// The first host, without its port, as a directory of certificates may be called.
    fn first(&self) -> &str {
        self.names[0].trim_start_matches("*.")
    }

    /// The internal listener's name or address, without brackets.
    fn internal_host(&self) -> &str {
        let (host, _) = self
            .internal
            .rsplit_once(':')
            .unwrap_or((&self.internal, ""));
        host.trim_start_matches('[').trim_end_matches(']')
    }

    fn internal_port(&self) -> &str {
        self.internal
            .rsplit_once(':')
            .map_or("80", |(_, port)| port)
    }

    /// Headers that no proxy but Traefik sets.
    fn forgeable(&self) -> impl Iterator<Item = &str> {
        let all = self.untrusted.iter().chain(&self.untrusted_but_of_traefik);
        all.copied()
    }

    /// Headers that are removed from every request: only a proxy may set them.
    fn cleared(&self) -> impl Iterator<Item = &str> {
        let own = self.identity.iter().map(|header| header.name.as_str());
        own.chain(self.forgeable())
    }
}

/// The usual case of a header name, which is case-insensitive (RFC 9110 §5.1).
pub(super) fn in_title_case(name: &HeaderName) -> String {
    let part = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    let parts: Vec<_> = name.as_str().split('-').map(part).collect();
    parts.join("-")
}
