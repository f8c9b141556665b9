//! What the tests of an SDK find in the server: services, clients, and a user with a device and an access grant.

use std::{
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use serde_json::Value;
use totp_rs::Totp;

use crate::test_server::TestServer;

const SERVICE: &str = "photos";
const OTHER_SERVICE: &str = "mail";
const SCOPE: &str = "albums:read";
const USER: &str = "grace@example.com";

/// By how many seconds the clock is slow while the expired token is issued.
const PAST: i64 = -1200;

/// The server, and what the tests need to know of it.
pub(super) struct Fixture {
    server: TestServer,
    variables: Vec<(String, String)>,
}

impl Fixture {
    /// Starts the server.
    pub(super) fn start(binary: &Path) -> Result<Self> {
        let server = TestServer::start(binary, PAST)?;
        let mut variables = Vec::new();
        let services = [
            (SERVICE, "LATCHKEY_SERVICE_TOKEN"),
            (OTHER_SERVICE, "LATCHKEY_OTHER_SERVICE_TOKEN"),
        ];
        for (service, variable) in services {
            let added = server.cli(&["service", "add", service])?;
            variables.push((variable.to_owned(), text(&added, "token")?.to_owned()));
            server.cli(&["service", "tokens", service, "--scope", SCOPE])?;
        }
        for (algorithm, prefix) in [
            ("EdDSA", "LATCHKEY"),
            ("ES256", "LATCHKEY_ES256"),
            ("RS256", "LATCHKEY_RS256"),
        ] {
            let client = ["client", "add", algorithm, "--algorithm", algorithm];
            let tokens = ["--audience", SERVICE, "--scope", SCOPE];
            let added = server.cli(&[&client[..], &tokens].concat())?;
            let (id, secret) = (text(&added, "client_id")?, text(&added, "client_secret")?);
            variables.extend([
                (format!("{prefix}_CLIENT_ID"), id.to_owned()),
                (format!("{prefix}_CLIENT_SECRET"), secret.to_owned()),
                (
                    format!("{prefix}_EXPIRED_TOKEN"),
                    server.access_token(id, secret)?,
                ),
            ]);
        }
        server.set_clock(0)?;
        variables.push(("LATCHKEY_COOKIE".to_owned(), device_of_a_user(&server)?));
        Ok(Self { server, variables })
    }

    /// Gives all of it to a test program, as environment variables.
    pub(super) fn describe_to(&self, program: &mut Command) {
        self.server.describe_to(program);
        program.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }
}

/// Adds a user with access to the service, who registers a device; its cookie.
#[expect(
    clippy::disallowed_methods,
    reason = "an authenticator app shows the system's time"
)]
fn device_of_a_user(server: &TestServer) -> Result<String> {
    let added = server.cli(&["user", "add", USER, "--print-totp"])?;
    server.cli(&["grant", "add", USER, SERVICE, "--scope", "read:email"])?;
    let app = Totp::from_url(text(&added, "otpauth_uri")?)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let form = [("email", USER), ("code", &app.generate(now).to_string())];
    let response = server.post("/device/add", &form)?;
    let cookie = response
        .header("set-cookie")
        .and_then(|cookie| cookie.split(';').next());
    Ok(cookie.context("no device was registered")?.to_owned())
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    let text = value[name].as_str();
    text.with_context(|| format!("the server gave no {name}: {value}"))
}
