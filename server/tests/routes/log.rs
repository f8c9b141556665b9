//! What the log contains of requests.

use crate::harness::TestApp;
use latchkey_app::enrolment_url::enrolment_url;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use tracing_subscriber::EnvFilter;

/// What is logged while a test runs.
#[derive(Clone, Default)]
pub(crate) struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl Write for CapturedLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl CapturedLog {
    /// All that our crates log in this thread, and the warnings of others, until the guard is dropped.
    pub(crate) fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let lines = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(
                "warn,latchkey=trace,latchkey_app=trace,latchkey_engine=trace",
            ))
            .with_ansi(false)
            .with_writer(move || lines.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn audit_36_an_error_is_logged_without_the_code_and_the_target_in_the_address() {
    let test = TestApp::open().await;
    let invitation = test.invite("ada@example.com", "Ada").await;
    let link = enrolment_url("", &invitation);
    let code = invitation.code.expose_secret();
    test.break_database().await;
    let (log, _guard) = CapturedLog::begin();
    let mut browser = test.anon();
    let target = "/login?return_to=https%3A%2F%2Fphotos.example.com%2Fprivate-album";
    for path in [link.expose_secret(), &format!("/setup/{code}"), target] {
        assert_eq!(browser.get(path).await.status, 500, "{path}");
    }
    for (path, fields) in [
        ("/actions/setup/begin", [("code", code), ("email", "a@b.c")]),
        (
            "/actions/enrol/confirm",
            [("code", code), ("ceremony", "x")],
        ),
    ] {
        browser.post(path, &fields).await;
        browser.post(&format!("{path}?code={code}"), &fields).await;
    }
    let log = log.text();
    let errors: Vec<_> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert!(errors.len() >= 3, "{log}");
    // The id and the route of the request are enough to find it.
    for (error, route) in errors
        .iter()
        .zip(["/enrol/{code}", "/setup/{code}", "/login"])
    {
        assert!(error.contains(&format!("route=\"{route}\"")), "{error}");
        assert!(error.contains("id=\""), "{error}");
    }
    assert!(!log.contains(code), "{log}");
    assert!(!log.contains("private-album"), "{log}");
}
