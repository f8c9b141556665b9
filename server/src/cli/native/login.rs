//! `latchkey login` and `latchkey logout`

use super::{
    NativeError, ServerArgs, block_on,
    login_file::{LoginFile, LoginFiles},
    program::{Program, text},
    server_url,
};
use crate::cli::{failure::Failure, output::Output};
use clap::Args;
use latchkey_domain::tokens::{
    client::GrantType,
    device_authorization::{INTERVAL, LIFETIME, SLOW_DOWN},
    device_key::fingerprint,
};
use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};
use serde::Serialize;
use serde_json::Value;
use std::{
    ffi::OsString,
    io::{self, IsTerminal},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};
use tokio::time::{Instant, sleep};
use url::Url;

/// A login.
#[derive(Args)]
pub(in crate::cli) struct Login {
    /// The address of Latchkey, as in the browser
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Url,
    /// The service to get tokens for [default: the only one that accepts this client]
    #[arg(long, value_name = "SERVICE")]
    audience: Option<String>,
    /// A scope to ask for; can be repeated [default: all of the service]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The client_id of another client than the built-in one
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    /// A file with the certificates of a private certificate authority
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// The end of a login.
#[derive(Args)]
pub(in crate::cli) struct Logout {
    #[command(flatten)]
    server: ServerArgs,
}

/// What the user approves, as JSON.
#[derive(Serialize)]
struct Waiting<'a> {
    user_code: &'a str,
    verification_uri_complete: &'a str,
    key: &'a str,
}

#[derive(Serialize)]
struct LoggedIn<'a> {
    server: &'a Url,
    scope: &'a str,
}

#[derive(Serialize)]
struct LoggedOut<'a> {
    server: &'a Url,
}

impl Login {
    pub(in crate::cli) fn run(
        self,
        environment: &[(OsString, OsString)],
        output: Output,
    ) -> Result<ExitCode, Failure> {
        let files = LoginFiles::of(environment)?;
        block_on(async {
            let known = files.read(&self.server)?;
            let (program, begun, is_new) = self.begin(known).await?;
            // Before it is approved: a key that cannot be kept must not become a device.
            files.write(&program.login)?;
            let logged_in = wait(&program, &begun, output).await;
            if logged_in.is_err() && is_new {
                files.remove(&self.server)?;
            }
            let scope = logged_in?;
            let body = LoggedIn {
                server: &self.server,
                scope: &scope,
            };
            let line = "This terminal is now one of your devices. `latchkey token get` prints an access token, `latchkey logout` ends it.";
            output.print(line, &body)
        })
    }

    /// Begins an authorization, with a new key if there is none or the server does not accept the one that there is.
    async fn begin(&self, known: Option<LoginFile>) -> Result<(Program, Value, bool), Failure> {
        if let Some(known) = known {
            let login = LoginFile {
                client_id: self.client.clone().unwrap_or(known.client_id),
                ..known
            };
            let program = self.program(login)?;
            match self.ask(&program).await {
                Ok(begun) => return Ok((program, begun, false)),
                // It was revoked.
                Err(NativeError::Refused(code)) if code == "invalid_grant" => {}
                Err(other) => return Err(other.into()),
            }
        }
        let program = self.program(LoginFile::new(self.server.clone(), self.client.clone())?)?;
        let begun = self.ask(&program).await?;
        Ok((program, begun, true))
    }

    fn program(&self, login: LoginFile) -> Result<Program, Failure> {
        let server = ServerArgs {
            server: None,
            ca: self.ca.clone(),
        };
        server.connect(login)
    }

    async fn ask(&self, program: &Program) -> Result<Value, NativeError> {
        let form = || {
            let mut form = Vec::new();
            form.extend(self.audience.clone().map(|audience| ("audience", audience)));
            if !self.scopes.is_empty() {
                form.push(("scope", self.scopes.join(" ")));
            }
            Ok(form)
        };
        program.post("/oauth/device", form).await
    }
}

/// Shows the code, and asks until the user has decided (RFC 8628 §3.5). Returns the scopes that were approved.
async fn wait(program: &Program, begun: &Value, output: Output) -> Result<String, Failure> {
    let named = |name: &str| text(begun, name).ok_or_else(|| program.unexpected());
    let (code, uri) = (named("user_code")?, named("verification_uri_complete")?);
    let device_code = named("device_code")?;
    let key = fingerprint(&program.thumbprint());
    let waiting = Waiting {
        user_code: &code,
        verification_uri_complete: &uri,
        key: &key,
    };
    let text_of = format!(
        "Open this address in a browser in which you are signed in, and approve if both are the same there:\n\n  {uri}\n\n  code  {code}\n  key   {key}\n"
    );
    output.note(format_args!("{text_of}{}", drawn(&uri)));
    output.write_json(&waiting)?;
    let seconds = begun.get("interval").and_then(Value::as_u64);
    let mut interval = seconds.map_or(INTERVAL.unsigned_abs(), Duration::from_secs);
    let lifetime = begun.get("expires_in").and_then(Value::as_u64);
    let end = Instant::now() + lifetime.map_or(LIFETIME.unsigned_abs(), Duration::from_secs);
    loop {
        sleep(interval).await;
        if Instant::now() >= end {
            return Err(NativeError::Refused("expired_token".to_owned()).into());
        }
        let form = || {
            Ok(vec![
                ("grant_type", GrantType::DeviceCode.as_str().to_owned()),
                ("device_code", device_code.clone()),
            ])
        };
        match program.post("/oauth/token", form).await {
            Ok(body) => return Ok(text(&body, "scope").unwrap_or_default()),
            Err(NativeError::Refused(code)) if code == "authorization_pending" => {}
            Err(NativeError::Refused(code)) if code == "slow_down" => {
                interval += SLOW_DOWN.unsigned_abs();
            }
            // A restart of the server or a lost connection; the code expires if it lasts.
            Err(NativeError::Unreachable(..)) => {}
            Err(other) => return Err(other.into()),
        }
    }
}

/// An address as a QR code for a terminal; nothing if this is none.
fn drawn(text: &str) -> String {
    match io::stderr().is_terminal() {
        true => qr_code(text).map_or_else(String::new, |drawn| format!("\n{drawn}\n")),
        false => String::new(),
    }
}

/// Light modules are drawn, because most terminals are dark.
fn qr_code(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let mut renderer = code.render::<Dense1x2>();
    renderer
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark);
    Some(renderer.build())
}

impl Logout {
    pub(in crate::cli) fn run(
        self,
        environment: &[(OsString, OsString)],
        output: Output,
    ) -> Result<ExitCode, Failure> {
        let program = self.server.program(environment)?;
        block_on(async {
            let form = || Ok(vec![("token", program.assertion()?)]);
            program.post("/oauth/revoke", form).await?;
            let server = &program.login.server;
            LoginFiles::of(environment)?.remove(server)?;
            let line = "This terminal is no longer one of your devices.";
            output.print(line, &LoggedOut { server })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_drawn_with_half_blocks() {
        let drawn = qr_code("https://login.example.com/activate?code=CKJH-LPWV").unwrap();
        let lines: Vec<_> = drawn.lines().collect();
        let width = lines[0].chars().count();
        // Two modules a character in height, and the quiet zone around.
        assert!(lines.len() * 2 >= width && width < 60, "{width}");
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert!(drawn.chars().all(|c| " \n█▀▄".contains(c)), "{drawn}");
        assert!(lines[0].chars().all(|c| c == '█'), "{drawn}");
    }
}
