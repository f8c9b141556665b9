//! An installation with a user, a service and a grant.

use crate::{
    harness::{CliSandbox, Output},
    server::{Server, converse, host},
};
use latchkey_engine::Clock;
use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};
use totp_rs::Totp;

/// A service and a user with a grant, before the server starts.
pub(crate) struct Setup {
    pub(crate) sandbox: CliSandbox,
    token: String,
    app: Totp,
}

const EMAIL: &str = "ada@example.com";

impl Setup {
    pub(crate) fn new() -> Self {
        let sandbox = CliSandbox::new();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let app = text(&sandbox.json(&["user", "add", EMAIL, "--print-totp"])["otpauth_uri"]);
        let token = text(&sandbox.json(&["service", "add", "photos"])["token"]);
        sandbox.json(&["grant", "add", EMAIL, "photos"]);
        Self {
            sandbox,
            token,
            app: Totp::from_url(&app).unwrap(),
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.sandbox.path().join("data")
    }

    /// Registers a device with the app's code; the response has the cookie.
    pub(crate) fn add_device(&self, server: &Server) -> String {
        let now = Clock::system().now().unix_timestamp();
        let body = format!(
            "email={EMAIL}&code={}",
            self.app.generate(now.cast_unsigned())
        );
        converse(
            &server.public,
            &format!(
                "POST /device/add HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                host(&server.public),
                body.len()
            ),
        )
    }

    pub(crate) fn signed_in(&self, server: &Server) -> String {
        let response = self.add_device(server);
        let (_, cookie) = response
            .split_once("__Host-latchkey=")
            .unwrap_or_else(|| panic!("no cookie: {response}"));
        cookie.split(';').next().unwrap().to_owned()
    }

    pub(crate) fn forwarded_request(&self, cookie: &str) -> String {
        format!(
            "GET /verify/photos HTTP/1.1\r\nHost: inside\r\nAuthorization: Bearer {}\r\nCookie: __Host-latchkey={cookie}\r\nConnection: close\r\n\r\n",
            self.token
        )
    }

    pub(crate) fn verify(&self, server: &Server, cookie: &str) -> u16 {
        status(&converse(&server.internal, &self.forwarded_request(cookie)))
    }

    /// Verifies until the status is the expected one; how long it took.
    pub(crate) fn verify_until(&self, server: &Server, cookie: &str, expected: u16) -> Duration {
        let start = Instant::now();
        loop {
            let status = self.verify(server, cookie);
            if status == expected {
                return start.elapsed();
            }
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "still {status}, not {expected}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Revokes the only device.
    pub(crate) fn revoke(&self) -> Output {
        let list = self.sandbox.json(&["device", "list"]);
        let id = list["items"][0]["id"].as_str().unwrap();
        self.sandbox.run(&["device", "revoke", id])
    }
}

/// The status of a response.
pub(crate) fn status(response: &str) -> u16 {
    let status = response.split(' ').nth(1).unwrap_or_default();
    status
        .parse()
        .unwrap_or_else(|_| panic!("no answer: {response}"))
}
