use super::{Browser, TestApp, TestResponse};
use axum::http::{Method, Request, header};
use latchkey::web::internal;
use std::net::SocketAddr;

/// A service behind its proxy, with its token.
pub(crate) struct Service<'a> {
    test: &'a TestApp,
    name: String,
    pub(crate) token: String,
}

impl<'a> Service<'a> {
    pub(super) fn new(test: &'a TestApp, name: &str, token: &str) -> Self {
        Self {
            test,
            name: name.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Verifies the device of a browser.
    pub(crate) async fn verify(&self, browser: &Browser<'_>) -> TestResponse {
        self.verify_cookie(browser.device_cookie().unwrap_or_default())
            .await
    }

    /// Verifies a device cookie's value.
    pub(crate) async fn verify_cookie(&self, value: &str) -> TestResponse {
        self.verify_line(&format!("__Host-latchkey={value}")).await
    }

    /// Verifies a whole `Cookie` line.
    pub(crate) async fn verify_line(&self, line: &str) -> TestResponse {
        self.ask(
            &format!("/verify/{}", self.name),
            &[
                ("authorization", &format!("Bearer {}", self.token)),
                ("cookie", line),
            ],
        )
        .await
    }

    /// Sends a GET with exactly these headers.
    pub(crate) async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> TestResponse {
        self.send(Method::GET, path, headers).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> TestResponse {
        self.send_from([127, 0, 0, 1], method, path, headers).await
    }

    /// Sends a request from an address.
    pub(crate) async fn send_from(
        &self,
        address: [u8; 4],
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> TestResponse {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, "latchkey.internal:3001");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        let peer = SocketAddr::from((address, 50_000));
        TestResponse::read(internal::answer(self.test.web.clone(), peer, request).await).await
    }
}
