//! `latchkey login`, `logout` and `token get`: a user's terminal as a native device of theirs, with a key that never leaves it.
//!
//! 1. `login` makes a key, proves it, and shows a code and the key's fingerprint (RFC 8628, RFC 9449).
//! 2. The user approves both in a browser, and the terminal becomes a device of theirs.
//! 3. `token get` signs an assertion (RFC 7523) and prints the access token that it gets, which is bound to the key.
//! 4. `logout` sends an assertion to the revocation endpoint, which revokes the device.
//!
//! These commands talk to a server over HTTPS like any other program; they open neither its data nor its configuration.

mod error;
mod get;
mod http;
mod login;
mod login_file;
mod program;

pub(super) use error::NativeError;
pub(super) use get::Get;
pub(super) use login::{Login, Logout};

use super::{failure::Failure, runtime, tls::Tls};
use clap::Args;
use http::Connection;
use login_file::{LoginFile, LoginFiles};
use program::Program;
use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};
use url::Url;

/// Which server, and how it is reached.
#[derive(Args)]
pub(super) struct ServerArgs {
    /// The address of Latchkey, as in the browser [default: where this terminal is logged in]
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Option<Url>,
    /// A file with the certificates of a private certificate authority
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl ServerArgs {
    /// The program that is logged in at this server, or at the only one.
    fn program(&self, environment: &[(OsString, OsString)]) -> Result<Program, Failure> {
        let files = LoginFiles::of(environment)?;
        let login = match &self.server {
            Some(server) => files.read(server)?,
            None => files.only()?,
        };
        let login = login.ok_or(NativeError::NotLoggedIn)?;
        self.connect(login)
    }

    fn connect(&self, login: LoginFile) -> Result<Program, Failure> {
        let connection = Connection::new(login.server.clone(), Tls::new(self.ca.as_deref())?);
        Ok(Program::new(login, connection)?)
    }
}

/// The address of a server, without a path of its own: it is what the server's tokens name as their issuer.
fn server_url(text: &str) -> Result<Url, &'static str> {
    let wrong = "write it like https://login.example.com";
    let url = Url::parse(text).map_err(|_| wrong)?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_plain.then_some(url).ok_or(wrong)
}

/// Runs something that waits for the network.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    runtime::main()?.block_on(work)
}

/// A variable of the environment that is not empty.
fn variable<'e>(environment: &'e [(OsString, OsString)], name: &str) -> Option<&'e OsStr> {
    let found = environment.iter().find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.as_os_str())
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_an_address_without_a_path() {
        for text in [
            "https://login.example.com",
            "https://login.example.com/",
            "http://localhost:3000",
        ] {
            assert!(server_url(text).is_ok(), "{text}");
        }
        for text in [
            "login.example.com",
            "ftp://login.example.com",
            "https://login.example.com/login",
            "https://login.example.com/?a=b",
            "https://ada@login.example.com",
        ] {
            assert!(server_url(text).is_err(), "{text}");
        }
    }
}
