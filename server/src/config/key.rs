//! All settings, one line each. The rest follows from the name: `cookie.domain` is `domain` in the section `[cookie]`
//! of the file and `LATCHKEY_COOKIE_DOMAIN` in the environment.

/// A setting.
#[derive(Debug)]
pub struct Key {
    /// `section.key`, or the key alone.
    pub name: &'static str,
    /// Its default; lists are separated by commas.
    pub default: &'static str,
    /// Whether it is a list.
    pub is_list: bool,
    /// What it does, in one line.
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

/// Every setting, in the order of the documentation.
pub const KEYS: &[Key] = &[
    text(
        "public_url",
        "http://localhost:3000",
        "the address that users open in their browsers; passkeys are bound to its host (by default with the port of public_addr)",
    ),
    text(
        "public_addr",
        "127.0.0.1:3000",
        "the address of the public listener, for browsers through the proxy in front",
    ),
    text(
        "internal_addr",
        "127.0.0.1:3001",
        "the address of the internal listener, for proxies and services",
    ),
    text(
        "data_dir",
        "./data",
        "the directory of the database and the master key",
    ),
    text(
        "database_url",
        "",
        "another SQLite database, like sqlite:///var/lib/latchkey.db; empty is latchkey.db in the data directory",
    ),
    text(
        "redis_url",
        "",
        "a Redis or Valkey server for marks of used tokens, like rediss://:password@cache.example.com; empty uses the database",
    ),
    text(
        "master_key_file",
        "",
        "another master key file; empty is master.key in the data directory",
    ),
    list(
        "server.hosts",
        "hosts that are accepted besides that of public_url",
    ),
    text(
        "cookie.domain",
        "",
        "send the device cookie to all hosts below this domain",
    ),
    text(
        "sign_in.passkey_only",
        "administrators",
        "who can sign in with passkeys only: administrators (from their first passkey on) or everyone",
    ),
    text(
        "recovery.cooling_off",
        "24h",
        "how long a device that was registered with a recovery code waits before it may add a passkey, from 1h to 30d",
    ),
    text(
        "recovery.confirm_mail",
        "false",
        "whether such a device also confirms by mail before it may add a passkey: true or false; needs mail.url",
    ),
    text(
        "risk.mode",
        "auto",
        "what the score of a sign-in does: off, shadow (it is recorded only), enforce, or auto (shadow for 14 days after the first start, then enforce)",
    ),
    text(
        "risk.behaviour",
        "false",
        "whether it is compared how users type, point and touch when they sign in: true or false; each user sees it and can be exempt",
    ),
    list(
        "risk.weights",
        "points of factors that differ from the defaults, like unusual_location=40,automation=0; 0 switches a factor off",
    ),
    text(
        "risk.location_file",
        "",
        "a file in MaxMind's format (.mmdb) of cities, countries or network operators; empty compares networks instead",
    ),
    list(
        "risk.block_lists",
        "files of addresses with a bad reputation: addresses, networks like 192.0.2.0/24, or saved sets of ipset",
    ),
    list(
        "passkey.related_origins",
        "other origins at which passkeys can be used, like https://example.net; their hosts belong in server.hosts too",
    ),
    text(
        "passkey.attestation",
        "none",
        "whether authenticators must attest their model: none, or direct with passkey.metadata_file",
    ),
    text(
        "passkey.metadata_file",
        "",
        "the file of the FIDO Metadata Service (a JWT), which says whose attestation is trusted",
    ),
    list(
        "passkey.aaguids",
        "the models that are accepted, by AAGUID; empty accepts all in passkey.metadata_file",
    ),
    list(
        "proxy.trusted",
        "proxies whose X-Forwarded-For is trusted, like 10.0.0.0/8",
    ),
    list(
        "proxy.forward_auth",
        "proxies that may use /forward-auth for every service without its token, like 10.0.0.2/32",
    ),
    text(
        "identity.subject",
        "Latchkey-Subject",
        "the header for the user's pseudonymous subject",
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
        "the header for the scopes of the grant",
    ),
    text(
        "identity.assurance",
        "Latchkey-Assurance",
        "the header for the assurance of the device",
    ),
    text(
        "identity.risk",
        "Latchkey-Risk",
        "the header for how unusual the device was last",
    ),
    text(
        "identity.assertion",
        "Latchkey-Assertion",
        "the header for the signed identity token",
    ),
    text(
        "limits.program_requests",
        "60",
        "how many requests of a program are accepted in each window, for each of its users; 0 for any number",
    ),
    text("limits.program_window", "1s", "the window, from 1s to 1h"),
    text(
        "limits.program_burst",
        "120",
        "how many of them are accepted at once",
    ),
    text(
        "mail.url",
        "",
        "the mail server, like smtp://user:password@mail.example.com (STARTTLS) or smtps://…, or file:///… to write mails into a directory; empty sends none",
    ),
    text(
        "mail.from",
        "",
        "the sender of mails, like Latchkey <latchkey@example.com>",
    ),
    text(
        "mail.ca_file",
        "",
        "certificate authorities in PEM that are trusted for the mail server besides those of the machine",
    ),
    text("log.format", "text", "text or json"),
    text(
        "log.output",
        "stderr",
        "stderr, journald (with priorities), or syslog (RFC 5424 to a local socket)",
    ),
    text(
        "log.socket",
        "",
        "another socket of the journal or of syslog; empty is /run/systemd/journal/socket or /dev/log",
    ),
    text("log.level", "warn", "error, warn, info, debug or trace"),
    text(
        "audit.checkpoint_file",
        "",
        "the file to which signed checkpoints of the audit log are appended, preferably on another machine",
    ),
    text(
        "audit.retention",
        "forever",
        "how long entries of the audit log are kept, like 400d, at least 30d; or forever",
    ),
    text(
        "audit.checkpoint_interval",
        "1h",
        "how often a checkpoint of the audit log is signed and logged, if there are new entries; or off",
    ),
    text(
        "keys.rotation",
        "90d",
        "for how long a key for tokens signs before the next one does, from 1d to 730d; or off",
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

    /// Whether it is on or off; in the file, without quotation marks too.
    #[must_use]
    pub fn is_boolean(&self) -> bool {
        matches!(self.default, "true" | "false")
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

/// The most similar candidate, if any is similar enough.
pub(crate) fn nearest(typed: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(typed, &candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_suggests_the_most_similar_key() {
        let names = || KEYS.iter().map(|key| key.name.to_owned());
        for (typed, key) in [
            ("public_ur", "public_url"),
            ("publicurl", "public_url"),
            ("proxy.trust", "proxy.trusted"),
            ("cookies.domain", "cookie.domain"),
        ] {
            assert_eq!(nearest(typed, names()).as_deref(), Some(key));
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
