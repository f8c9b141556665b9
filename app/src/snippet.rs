//! Configuration of reverse proxies, ready to paste.
//!
//! What each one does, for every request to a service:
//! 1. It asks `GET /verify/{service}` on the internal listener, with its own token and with the
//!    cookies that the browser brought; never with the request's body.
//! 2. 200: the request goes on to the service, without the headers in which services expect a name
//!    from their proxy: only a proxy may write those, and a browser must not.
//! 3. 404 (no device of ours) or 401 with a JSON body (a fresh passkey is wanted): to the sign-in
//!    page, which leads back here.
//! 4. 401 with plain text: the person has no grant. Signing in again would not help; 403.
//! 5. Anything else, silence included: an error. What cannot be asked is not let in.
//!
//! Nothing secret stands in here: the token is shown once, elsewhere, and its place is [`TOKEN`].

use latchkey_domain::service::{Host, ServiceName};

/// Stands for the service token.
pub const TOKEN: &str = "<token>";

/// The internal listener, unless the operator moved it.
const INTERNAL: &str = "127.0.0.1:3001";

/// The headers in which services expect a name from their proxy.
const IDENTITY: &str = "Remote-User Remote-Name Remote-Email Remote-Groups X-Forwarded-User \
    X-Forwarded-Email X-Forwarded-Groups X-Forwarded-Preferred-Username X-Auth-Request-User \
    X-Auth-Request-Email";

/// A service that has no host yet.
const UNNAMED: &str = "service.example.com";

/// What a snippet is about.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The service.
    pub service: &'a ServiceName,
    /// Its hosts.
    pub hosts: &'a [Host],
    /// Where people sign in: the address of this Latchkey.
    pub public_url: &'a str,
}

impl Site<'_> {
    fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Hosts as name and port.
    fn hosts(&self) -> Vec<(&str, Option<&str>)> {
        let parts = |host| match str::split_once(host, ':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        };
        match self.hosts {
            [] => vec![(UNNAMED, None)],
            hosts => hosts.iter().map(|host| parts(host.as_str())).collect(),
        }
    }

    fn sign_in_page(&self) -> String {
        format!("{}/login?return_to=", self.public_url.trim_end_matches('/'))
    }
}

/// nginx, with `ngx_http_auth_request_module`.
///
/// That module lets 2xx through, passes 401 and 403 on, and turns everything else into a 500. So a
/// 404 becomes a 401 within the subrequest, and which of the 401s it was is read from the answer.
#[must_use]
pub fn nginx(site: &Site<'_>) -> String {
    let service = site.service;
    let hosts = site.hosts();
    let names = distinct(hosts.iter().map(|(name, _)| *name)).join(" ");
    let (own_port, tls) = if site.is_https() {
        ("443", " ssl")
    } else {
        ("80", "")
    };
    let ports = distinct(hosts.iter().map(|(_, port)| port.unwrap_or(own_port)));
    let listen: String = ports
        .iter()
        .map(|port| format!("    listen {port}{tls};\n    listen [::]:{port}{tls};\n"))
        .collect();
    // `$host` is without a port.
    let here = if ports.iter().all(|port| *port == own_port) {
        "$scheme://$host"
    } else {
        "$scheme://$host:$server_port"
    };
    let certificate = match hosts.first() {
        Some((name, _)) if site.is_https() => {
            format!(
                "    ssl_certificate /etc/ssl/{name}/fullchain.pem;\n    ssl_certificate_key /etc/ssl/{name}/privkey.pem;\n"
            )
        }
        _ => String::new(),
    };
    let cleared: String = IDENTITY
        .split(' ')
        .map(|name| format!("        proxy_set_header {name} \"\";\n"))
        .collect();
    let sign_in = site.sign_in_page();
    format!(
        r#"server {{
{listen}    server_name {names};
{certificate}
    location / {{
        auth_request /_latchkey;
        auth_request_set $latchkey_answer "$upstream_status $upstream_http_content_type";
        error_page 401 = @latchkey;

        # Browsers must not say who they are: {service} would believe these.
{cleared}
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_pass http://127.0.0.1:8080;    # where {service} listens
    }}

    # The question, asked before every request. Nobody can ask it from outside.
    location = /_latchkey {{
        internal;
        proxy_pass http://{INTERNAL}/verify/{service};
        proxy_pass_request_body off;
        proxy_pass_request_headers off;
        proxy_set_header Content-Length "";
        proxy_set_header Cookie $http_cookie;
        proxy_set_header Authorization "Bearer {TOKEN}";
        # auth_request knows 401 and 403; any other refusal would be a 500.
        proxy_intercept_errors on;
        error_page 404 =401 /_latchkey_unknown;
    }}

    location = /_latchkey_unknown {{
        internal;
        return 401;
    }}

    location @latchkey {{
        # Signed in, but without a grant: signing in again would not help.
        if ($latchkey_answer ~ "^401 text/plain") {{
            return 403;
        }}
        return 302 {sign_in}{here}$request_uri;
    }}
}}
"#
    )
}

/// Caddy 2, with `forward_auth`.
///
/// The conditions stand in the order in which they are tried; what none of them takes is passed to
/// the browser as it is. `header_up` replaces an `Authorization` that the browser sent.
#[must_use]
pub fn caddy(site: &Site<'_>) -> String {
    let service = site.service;
    let scheme = if site.is_https() { "" } else { "http://" };
    let hosts = site.hosts();
    let addresses = hosts.iter().map(|(name, port)| match port {
        Some(port) => format!("{scheme}{name}:{port}"),
        None => format!("{scheme}{name}"),
    });
    let addresses = addresses.collect::<Vec<_>>().join(", ");
    let redirect = format!(
        "redir {}{{scheme}}://{{hostport}}{{uri}}",
        site.sign_in_page()
    );
    format!(
        r#"{addresses} {{
	forward_auth {INTERNAL} {{
		uri /verify/{service}
		header_up Authorization "Bearer {TOKEN}"

		@unknown status 404
		handle_response @unknown {{
			{redirect}
		}}
		@step_up {{
			status 401
			header Content-Type application/json
		}}
		handle_response @step_up {{
			{redirect}
		}}
		@no_grant status 401
		handle_response @no_grant {{
			respond "You have no access to {service}." 403
		}}
	}}

	# Browsers must not say who they are: {service} would believe these.
	request_header -Remote*
	request_header -X_*
	request_header -X-Auth-Request*
	request_header -X-Forwarded-User
	request_header -X-Forwarded-Email
	request_header -X-Forwarded-Groups
	request_header -X-Forwarded-Preferred-Username

	# Where {service} listens.
	reverse_proxy 127.0.0.1:8080
}}
"#
    )
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The snippets of nginx and of Caddy.
    fn both(names: &[&str], public_url: &str) -> [String; 2] {
        let service = ServiceName::parse("photos").unwrap();
        let hosts: Vec<_> = names
            .iter()
            .map(|name| Host::parse(name).unwrap())
            .collect();
        let (service, hosts) = (&service, hosts.as_slice());
        let site = Site {
            service,
            hosts,
            public_url,
        };
        [nginx(&site), caddy(&site)]
    }

    fn assert_has(text: &str, parts: &[&str]) {
        for part in parts {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn a_snippet_names_the_service_its_hosts_and_the_place_of_the_token() {
        let hosts = ["photos.example.org", "fotos.example.org"];
        for text in both(&hosts, "https://id.example.org/") {
            assert_has(&text, &hosts);
            assert_has(
                &text,
                &["127.0.0.1:3001", "/verify/photos", "\"Bearer <token>\""],
            );
            assert_has(&text, &["https://id.example.org/login?return_to="]);
            assert_eq!(text.matches(TOKEN).count(), 1, "{text}");
            assert!(!text.contains("lk_"), "{text}");
            let braces = |brace: char| text.matches(brace).count();
            assert_eq!(braces('{'), braces('}'), "{text}");
        }
    }

    #[test]
    fn nginx_gets_a_401_for_what_it_would_call_an_error() {
        let [nginx, _] = both(&["photos.example.org"], "https://id.example.org");
        assert_has(
            &nginx,
            &["error_page 404 =401 /_latchkey_unknown;", "internal;"],
        );
        assert_has(
            &nginx,
            &["proxy_intercept_errors on;", "proxy_pass_request_body off;"],
        );
        assert_has(&nginx, &["login?return_to=$scheme://$host$request_uri;"]);
        // `$uri` is decoded: a line break in it would end the header and begin another.
        assert!(!nginx.contains("$uri"));
    }

    #[test]
    fn r25_what_browsers_say_of_themselves_does_not_reach_the_service() {
        let [nginx, caddy] = both(&["photos.example.org"], "https://id.example.org");
        for name in IDENTITY.split(' ') {
            assert_has(&nginx, &[&format!("proxy_set_header {name} \"\";")]);
            let is_removed = caddy.lines().any(|line| {
                let removed = line.trim().strip_prefix("request_header -");
                removed.is_some_and(|pattern| match pattern.strip_suffix('*') {
                    Some(beginning) => name.starts_with(beginning),
                    None => name == pattern,
                })
            });
            assert!(is_removed, "{name} in {caddy}");
        }
    }

    #[test]
    fn the_readme_shows_what_the_page_shows() {
        let [nginx, _] = both(&["photos.example.com"], "https://login.example.com");
        assert_has(include_str!("../../README.md"), &[&nginx]);
    }

    #[test]
    fn ports_and_plain_http_are_kept() {
        let hosts = ["localhost:8443", "photos.localhost"];
        let [nginx, caddy] = both(&hosts, "http://localhost:3000/");
        assert_has(&nginx, &["listen 8443;", "listen 80;"]);
        assert_has(&nginx, &["server_name localhost photos.localhost;"]);
        assert_has(&nginx, &["$scheme://$host:$server_port$request_uri"]);
        assert!(!nginx.contains("ssl"), "{nginx}");
        assert_has(
            &caddy,
            &["http://localhost:8443, http://photos.localhost {"],
        );
    }

    #[test]
    fn a_service_without_a_host_gets_one_to_replace() {
        for text in both(&[], "https://id.example.org") {
            assert_has(&text, &["service.example.com"]);
        }
    }
}
