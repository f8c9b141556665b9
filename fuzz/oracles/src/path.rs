//! A request's method in the first line, its target in the second, a service's rules in the others: a path has one
//! interpretation, rules print as they parse, and no later rule opens a path that was closed.

use latchkey_domain::{
    access::rule::{Audience, Rules},
    request::path::RequestPath,
};

const CLOSED: &str = "nobody /settings/*\n";

/// Checks a method, a request target, and rules, one a line.
pub fn check(text: &str) {
    let (method, rest) = text.split_once('\n').unwrap_or(("GET", text));
    let (target, text) = rest.split_once('\n').unwrap_or((rest, ""));
    let path = RequestPath::parse(target);
    if let Ok(path) = &path {
        let text = path.as_str();
        assert!(text.starts_with('/') && !text.contains("//"));
        assert!(!text.contains(['\\', ';']) && !text.contains(char::is_control));
        assert!(
            text.split('/')
                .all(|segment| !matches!(segment.trim(), "." | ".."))
        );
        // With everything escaped it is the same path.
        let escaped: String = text
            .bytes()
            .map(|byte| match byte {
                b'/' => "/".to_owned(),
                byte => format!("%{byte:02x}"),
            })
            .collect();
        // Unless it is then too long to be parsed.
        if escaped.len() < latchkey_domain::request::path::MAX_TARGET_BYTES {
            assert_eq!(RequestPath::parse(&escaped).as_ref(), Ok(path));
        }
    }
    let Ok(rules) = Rules::parse(text) else {
        return;
    };
    assert_eq!(Rules::parse(&rules.to_string()).as_ref(), Ok(&rules));
    let Ok(path) = path else { return };
    let audience = rules.audience(method, &path);
    // An audience applies only if a rule names it.
    assert!(
        audience == Audience::Users
            || text
                .lines()
                .any(|line| line.trim_start().starts_with(audience.as_str()))
    );
    // The reference is another algorithm: would the most lenient service serve something below /settings?
    let lenient = path
        .as_str()
        .to_lowercase()
        .replace(['\u{200b}', '\u{200c}', '\u{200d}', '\u{feff}'], "");
    let is_dropped = |c: char| c == '.' || c.is_whitespace();
    let first = lenient
        .split('/')
        .map(|segment| segment.trim_start().trim_end_matches(is_dropped))
        .find(|segment| !segment.is_empty());
    let is_closed = first == Some("settings");
    if let Ok(rules) = Rules::parse(&format!("{CLOSED}{text}")) {
        let closed = rules.audience(method, &path);
        match is_closed {
            true => assert_eq!(closed, Audience::Nobody, "{path}"),
            // There are more characters that some servers treat as others.
            false => assert!(closed == audience || !path.as_str().is_ascii(), "{path}"),
        }
    }
}
