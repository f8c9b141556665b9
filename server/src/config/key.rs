//! The settings there are: one line each. Everything else about a setting follows from its name:
//! `cookie.domain` is `domain` in the `[cookie]` section and `LATCHKEY_COOKIE_DOMAIN` outside.

/// A setting.
#[derive(Debug)]
pub struct Key {
    /// `section.key`, or the key alone at the top of the file.
    pub name: &'static str,
    /// What it is when nobody says otherwise; lists are separated by commas.
    pub default: &'static str,
    /// Whether it takes several values.
    pub is_list: bool,
    /// What it does, in a line.
    pub help: &'static str,
}

const fn text(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key {
        name,
        default,
        is_list: false,
        help,
    }
}

const fn list(name: &'static str, help: &'static str) -> Key {
    Key {
        name,
        default: "",
        is_list: true,
        help,
    }
}

/// Every setting, in the order in which they are explained.
pub const KEYS: &[Key] = &[
    text(
        "public_url",
        "http://localhost:3000",
        "the address that people type; passkeys belong to its host (by default with the port of public_addr)",
    ),
    text(
        "public_addr",
        "127.0.0.1:3000",
        "where the public listener waits, for the proxy in front",
    ),
    text(
        "internal_addr",
        "127.0.0.1:3001",
        "where the internal listener waits, for proxies and services",
    ),
    text(
        "data_dir",
        "./data",
        "the directory of the embedded database and the master key",
    ),
    text(
        "database_url",
        "",
        "another database; empty is SQLite in the data directory",
    ),
    text(
        "master_key_file",
        "",
        "another master key file; empty is master.key in the data directory",
    ),
    list(
        "server.hosts",
        "host names accepted besides that of public_url",
    ),
    text(
        "cookie.domain",
        "",
        "share the device cookie with all hosts under this domain",
    ),
    text(
        "sign_in.passkey_only",
        "administrators",
        "who signs in with passkeys only: administrators (from their first passkey on) or everyone",
    ),
    list(
        "proxy.trusted",
        "proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8",
    ),
    list(
        "proxy.forward_auth",
        "proxies that may ask /forward-auth about every service without its token, such as 10.0.0.2/32",
    ),
    text(
        "identity.subject",
        "Latchkey-Subject",
        "the header that tells a service the person's pseudonym",
    ),
    text(
        "identity.email",
        "Latchkey-Email",
        "the header for the e-mail address",
    ),
    text("identity.name", "Latchkey-Name", "the header for the name"),
    text("identity.role", "Latchkey-Role", "the header for the role"),
    text(
        "identity.scopes",
        "Latchkey-Scopes",
        "the header for what the service may learn",
    ),
    text(
        "identity.assurance",
        "Latchkey-Assurance",
        "the header for how sure we are of the device",
    ),
    text(
        "identity.assertion",
        "Latchkey-Assertion",
        "the header for all of it, signed",
    ),
    text("log.format", "text", "text or json"),
    text("log.level", "warn", "error, warn, info, debug or trace"),
    text(
        "audit.checkpoint_file",
        "",
        "the file to which signed checkpoints of the audit log are appended, best on another machine's disk",
    ),
    text(
        "audit.checkpoint_interval",
        "1h",
        "how often a checkpoint of the audit log is signed and logged, if anything happened; or off",
    ),
    text(
        "site.name",
        "Latchkey",
        "the name shown in authenticator apps and passkey dialogs",
    ),
];

impl Key {
    /// The setting of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// The environment variable that sets it.
    #[must_use]
    pub fn variable(&self) -> String {
        format!(
            "LATCHKEY_{}",
            self.name.replace('.', "_").to_ascii_uppercase()
        )
    }
}

/// The one of `candidates` that was probably meant by `typed`, if any is near enough.
pub(crate) fn nearest(typed: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(typed, &candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_what_was_meant_and_nonsense_finds_nothing() {
        let names = || KEYS.iter().map(|key| key.name.to_owned());
        for (typed, meant) in [
            ("public_ur", "public_url"),
            ("publicurl", "public_url"),
            ("proxy.trust", "proxy.trusted"),
            ("cookies.domain", "cookie.domain"),
        ] {
            assert_eq!(nearest(typed, names()).as_deref(), Some(meant));
        }
        assert_eq!(nearest("zzz", names()), None);
    }

    #[test]
    fn variables_are_named_after_keys() {
        assert_eq!(
            Key::named("proxy.trusted").map(Key::variable).as_deref(),
            Some("LATCHKEY_PROXY_TRUSTED")
        );
        assert_eq!(
            Key::named("public_url").map(Key::variable).as_deref(),
            Some("LATCHKEY_PUBLIC_URL")
        );
    }
}
