//! The addresses of Latchkey and its data directory.

use super::{
    error::{ConfigError, Source},
    values::Values,
};
use latchkey_domain::request::host::Host;
use std::{net::SocketAddr, path::PathBuf};
use url::Url;

/// The address that users open in their browsers: a valid scheme and host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    url: Url,
    host: Host,
}

impl PublicUrl {
    /// The URL, ending with `/`.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Its host, with the port if it is not the scheme's default.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// Its origin (RFC 6454 §6.2), as browsers send it in `Origin`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", self.url.scheme(), self.host)
    }

    /// Replaces port 0 by the port that the system chose for the public listener, if both are 0.
    pub(crate) fn replace_port_zero(&mut self, port: u16) {
        if self.url.port() == Some(0)
            && self.url.set_port(Some(port)).is_ok()
            && let Ok(host) = Host::parse(self.url.authority())
        {
            self.host = host;
        }
    }

    /// Whether it is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

/// Addresses and the data directory.
#[derive(Debug, Clone)]
pub struct Server {
    /// The address that users open.
    pub public_url: PublicUrl,
    /// The address of the public listener.
    pub public_addr: SocketAddr,
    /// The address of the internal listener.
    pub internal_addr: SocketAddr,
    /// The data directory.
    pub data_dir: PathBuf,
    /// Hosts that are accepted besides that of the public URL.
    pub hosts: Vec<Host>,
}

impl Server {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let host = |text: &String| {
            Host::parse(text).map_err(|_| {
                values.refuse(
                    "server.hosts",
                    text,
                    "that is not a host",
                    "write login.example.com or localhost:3000",
                )
            })
        };
        Ok(Self {
            public_url: public_url(values)?,
            public_addr: address(values, "public_addr")?,
            internal_addr: address(values, "internal_addr")?,
            data_dir: PathBuf::from(values.text("data_dir")),
            hosts: values
                .list("server.hosts")
                .iter()
                .map(host)
                .collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn validate(&self, values: &Values) -> Result<(), ConfigError> {
        // With port 0, the system chooses different ports.
        if self.public_addr == self.internal_addr && self.public_addr.port() != 0 {
            return Err(values.refuse(
                "internal_addr",
                &self.internal_addr.to_string(),
                "the public listener has that address",
                "give the two listeners different ports; the internal one must not be reachable by browsers",
            ));
        }
        Ok(())
    }
}

fn public_url(values: &Values) -> Result<PublicUrl, ConfigError> {
    const NAME: &str = "public_url";
    // So that another port needs only one setting.
    let by_port = match (values.origin(NAME), address(values, "public_addr")?.port()) {
        (Source::Default, port) => Some(format!("http://localhost:{port}")),
        _ => None,
    };
    let text = by_port.as_deref().unwrap_or_else(|| values.text(NAME));
    let refuse = |problem: &str, remedy: &str| values.refuse(NAME, text, problem, remedy);
    let example = "write it like https://login.example.com";
    let url = Url::parse(text).map_err(|_| refuse("that is not a URL", example))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("its scheme is neither https nor http", example));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it carries a user name", example));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(refuse(
            "it has a path; Latchkey needs a host of its own",
            example,
        ));
    }
    let Some(url::Host::Domain(name)) = url.host() else {
        return Err(refuse(
            "its host is an address; passkeys are bound to a name",
            "use a name, or http://localhost:3000 to try it out",
        ));
    };
    if url.scheme() == "http" && name != "localhost" && !name.ends_with(".localhost") {
        return Err(refuse(
            "browsers allow passkeys and secure cookies over plain http on localhost only",
            "write https:// and let the proxy in front terminate TLS, or use http://localhost:3000 to try it out",
        ));
    }
    let host = match url.port() {
        // The system chooses it when the listener is bound.
        Some(0) if address(values, "public_addr")?.port() == 0 => Host::parse(name),
        Some(port) => Host::parse(&format!("{name}:{port}")),
        None => Host::parse(name),
    };
    let host = host.map_err(|_| refuse("its host is not a plain name", example))?;
    Ok(PublicUrl { url, host })
}

fn address(values: &Values, name: &'static str) -> Result<SocketAddr, ConfigError> {
    let text = values.text(name);
    text.parse().map_err(|_| {
        values.refuse(
            name,
            text,
            "that is not an address and a port",
            "write it like 127.0.0.1:3000, or 0.0.0.0:3000 for every interface",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, text: &str) -> Result<Server, ConfigError> {
        let mut values = Values::defaults();
        values.put_flag(name, "--flag", text);
        Server::read(&values).and_then(|server| server.validate(&values).map(|()| server))
    }

    #[test]
    fn the_public_url_gives_host_and_origin() {
        let server = with("public_url", "https://Login.Example.com:443").unwrap();
        assert_eq!(
            (
                server.public_url.host().as_str(),
                server.public_url.origin().as_str()
            ),
            ("login.example.com", "https://login.example.com")
        );
        let server = with("public_url", "http://localhost:3000").unwrap();
        assert_eq!(
            (
                server.public_url.host().as_str(),
                server.public_url.origin().as_str()
            ),
            ("localhost:3000", "http://localhost:3000")
        );
    }

    #[test]
    fn without_a_public_url_its_port_is_that_of_public_addr() {
        let origin = |address| with("public_addr", address).unwrap().public_url.origin();
        assert_eq!(origin("127.0.0.1:4000"), "http://localhost:4000");
        assert_eq!(origin("127.0.0.1:80"), "http://localhost");
        let mut chosen = with("public_addr", "127.0.0.1:0").unwrap().public_url;
        chosen.replace_port_zero(4000);
        assert_eq!(chosen.origin(), "http://localhost:4000");
    }

    #[test]
    fn a_public_url_with_port_zero_takes_the_port_of_its_listener() {
        let mut values = Values::defaults();
        values.put_flag("public_addr", "--flag", "127.0.0.1:0");
        values.put_flag("public_url", "--flag", "http://login.localhost:0");
        let mut url = Server::read(&values).unwrap().public_url;
        url.replace_port_zero(4000);
        assert_eq!(url.origin(), "http://login.localhost:4000");
        assert_eq!(url.url().as_str(), "http://login.localhost:4000/");
        url.replace_port_zero(5000);
        assert_eq!(url.origin(), "http://login.localhost:4000");
        assert!(with("public_url", "http://localhost:0").is_err());
    }

    #[test]
    fn a_public_url_that_cannot_carry_passkeys_is_refused_with_a_remedy() {
        for text in [
            "login.example.com",
            "ftp://a.example",
            "https://a.example/auth",
            "https://u@a.example",
            "https://a.example/?x",
            "http://a.example",
            "http://127.0.0.1:3000",
            "https://[::1]",
            "",
        ] {
            let error = with("public_url", text).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`public_url` (--flag) is `{text}`: ")),
                "{error}"
            );
            assert!(error.contains("http"), "{error}");
        }
    }

    #[test]
    fn listeners_need_two_addresses() {
        assert!(with("internal_addr", "127.0.0.1:3000").is_err());
        assert!(with("internal_addr", "localhost:3001").is_err());
        assert!(with("internal_addr", "0.0.0.0:3001").is_ok());
    }

    #[test]
    fn r2_extra_hosts_are_canonical() {
        assert_eq!(
            with("server.hosts", "Login.Example.COM.").unwrap().hosts,
            [Host::parse("login.example.com").unwrap()]
        );
        assert!(with("server.hosts", "https://login.example.com").is_err());
    }
}
