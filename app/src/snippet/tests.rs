use super::{
    template::{UNTRUSTED, in_title_case},
    *,
};
use http::HeaderName;

fn identity() -> IdentityHeaders {
    let name = HeaderName::from_static;
    IdentityHeaders {
        subject: name("latchkey-subject"),
        email: name("latchkey-email"),
        name: name("latchkey-name"),
        role: name("latchkey-role"),
        scopes: name("latchkey-scopes"),
        assurance: name("latchkey-assurance"),
        risk: name("latchkey-risk"),
        assertion: name("latchkey-assertion"),
    }
}

fn internal_config(identity: IdentityHeaders) -> InternalConfig {
    InternalConfig {
        address: "127.0.0.1:3001".to_owned(),
        identity,
    }
}

/// All files for a proxy, one after another.
fn text(proxy: Proxy, hosts: &[&str], is_https: bool) -> String {
    let service = ServiceName::parse("photos").unwrap();
    let hosts: Vec<_> = hosts
        .iter()
        .map(|host| HostPattern::parse(host).unwrap())
        .collect();
    let context = SnippetContext {
        service: &service,
        hosts: &hosts,
        is_https,
        internal_config: &internal_config(identity()),
    };
    let files = files(proxy, &context).unwrap();
    files.into_iter().map(|file| file.text).collect()
}

fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} in {text}");
    }
}

const HOSTS: [&str; 2] = ["photos.example.org", "fotos.example.org"];

#[test]
fn a_snippet_asks_forward_auth_with_the_token_of_the_service() {
    for proxy in Proxy::ALL {
        let text = text(proxy, &HOSTS, true);
        assert_has(&text, &["127.0.0.1:3001", "/forward-auth", "photos"]);
        let tokens = if proxy == Proxy::Traefik { 0 } else { 1 };
        assert_eq!(text.matches(TOKEN).count(), tokens, "{text}");
        assert!(!text.contains("lk_"), "{text}");
    }
}

#[test]
fn r25_identity_headers_of_browsers_do_not_reach_the_service() {
    let identity = identity();
    let own = identity.all().map(|(_, name)| in_title_case(name));
    for name in own.iter().map(String::as_str).chain(UNTRUSTED) {
        let text = |proxy| text(proxy, &HOSTS, true);
        assert_has(&text(Proxy::Caddy), &[&format!("request_header -{name}\n")]);
        assert_has(&text(Proxy::Traefik), &[&format!("{name}: \"\"\n")]);
        assert_has(
            &text(Proxy::Haproxy),
            &[&format!("http-request del-header {name}\n")],
        );
        assert_has(&text(Proxy::Envoy), &[&format!("- remove: {name}\n")]);
        // nginx replaces ours by what was answered, and nothing by nothing.
        assert_has(&text(Proxy::Nginx), &[&format!("proxy_set_header {name} ")]);
    }
}

#[test]
fn r20_headers_with_other_characters_in_their_names_do_not_reach_the_service() {
    let text = |proxy| text(proxy, &HOSTS, true);
    for letter in "_.!#$%&'*+^`|~".chars() {
        let line = format!("request_header -*{letter}*\n");
        assert_has(&text(Proxy::Caddy), &[&line]);
    }
    assert_has(
        &text(Proxy::Haproxy),
        &["del-header [^A-Za-z0-9-] -m reg\n"],
    );
    // nginx does so unless it is told not to (`ignore_invalid_headers`, `underscores_in_headers`).
    for setting in ["ignore_invalid_headers", "underscores_in_headers"] {
        assert!(!text(Proxy::Nginx).contains(setting), "{setting}");
    }
}

#[test]
fn envoy_compares_names_in_lower_case() {
    let envoy = text(Proxy::Envoy, &HOSTS, true);
    let patterns = envoy.lines().filter(|line| line.contains("exact: "));
    for pattern in patterns {
        assert_eq!(pattern, pattern.to_ascii_lowercase());
    }
}

#[test]
fn nginx_is_configured_for_auth_request() {
    let nginx = text(Proxy::Nginx, &HOSTS, true);
    assert_has(
        &nginx,
        &[
            "internal;",
            "proxy_pass_request_body off;",
            "proxy_pass_request_headers off;",
            "X-Original-URL $scheme://$http_host$request_uri;",
            "auth_request_set $latchkey_subject $upstream_http_latchkey_subject;",
            "return 302 $latchkey_location;",
            "server_name photos.example.org fotos.example.org;",
        ],
    );
    // `$uri` is decoded: a line break in it would end the header and begin another.
    assert!(!nginx.contains("$uri"));
}

#[test]
fn ports_plain_http_and_wildcards_are_kept() {
    let hosts = ["localhost:8443", "*.apps.localhost"];
    let text = |proxy| text(proxy, &hosts, false);
    assert_has(
        &text(Proxy::Nginx),
        &[
            "listen 8443;",
            "listen 80;",
            "server_name localhost *.apps.localhost;",
        ],
    );
    assert!(!text(Proxy::Nginx).contains("ssl"));
    assert_has(
        &text(Proxy::Caddy),
        &["http://localhost:8443, http://*.apps.localhost {"],
    );
    assert_has(
        &text(Proxy::Traefik),
        &["Host(`localhost`) || HostRegexp(`^[^.]+\\.apps\\.localhost$`)"],
    );
    assert_has(&text(Proxy::Haproxy), &["bind :8443\n"]);
}

#[test]
fn a_service_without_a_host_gets_one_to_replace() {
    for proxy in [Proxy::Nginx, Proxy::Caddy, Proxy::Traefik] {
        assert_has(&text(proxy, &[], true), &["service.example.com"]);
    }
}

#[test]
fn a_configured_identity_header_is_not_removed() {
    let service = ServiceName::parse("photos").unwrap();
    let identity = IdentityHeaders {
        subject: HeaderName::from_static("remote-user"),
        ..identity()
    };
    let context = SnippetContext {
        service: &service,
        hosts: &[],
        is_https: true,
        internal_config: &internal_config(identity),
    };
    let nginx = &files(Proxy::Nginx, &context).unwrap()[0].text;
    assert_has(
        nginx,
        &[
            "proxy_set_header Remote-User $latchkey_subject;",
            "auth_request_set $latchkey_subject $upstream_http_remote_user;",
        ],
    );
    assert!(!nginx.contains("proxy_set_header Remote-User \"\""));
}
