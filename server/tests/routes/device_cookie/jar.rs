//! A browser that keeps its cookies by domain.

use crate::harness::{Service, TestApp, TestResponse, TestUser};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use time::Duration;

/// The cookies of a browser, by the domains to which they go (RFC 6265 §5.3 and §5.4).
#[derive(Default)]
pub(super) struct Jar {
    pub(super) cookies: Vec<Kept>,
    /// Keeps none for a domain, as browsers do for a public suffix.
    pub(super) refuses_domains: bool,
    /// Keeps none at all.
    pub(super) refuses_all: bool,
}

#[derive(Clone)]
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) value: String,
    /// The name to which it goes, and whether also to those below.
    pub(super) domain: String,
    pub(super) is_wide: bool,
}

impl Jar {
    pub(super) fn keep(&mut self, host: &str, response: &TestResponse) {
        for line in response.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            let domain = line
                .split("; Domain=")
                .nth(1)
                .map(|rest| rest.split(';').next().unwrap());
            if self.refuses_all || domain.is_some() && self.refuses_domains {
                continue;
            }
            assert!(domain.is_none() || !name.starts_with("__Host-"));
            let kept = Kept {
                name: name.to_owned(),
                value: value.to_owned(),
                domain: domain.unwrap_or(host).to_owned(),
                is_wide: domain.is_some(),
            };
            assert!(kept.goes_to(host), "a browser refuses {line} from {host}");
            self.cookies.retain(|old| {
                (&old.name, &old.domain, old.is_wide) != (&kept.name, &kept.domain, kept.is_wide)
            });
            if !line.contains("Max-Age=0") {
                self.cookies.push(kept);
            }
        }
    }

    pub(super) fn line(&self, host: &str) -> String {
        let sent: Vec<_> = self
            .cookies
            .iter()
            .filter(|kept| kept.goes_to(host))
            .map(|kept| format!("{}={}", kept.name, kept.value))
            .collect();
        sent.join("; ")
    }

    /// To which domains the cookie for services goes.
    pub(super) fn domains(&self) -> Vec<&str> {
        self.cookies
            .iter()
            .filter(|kept| kept.name == "__Secure-latchkey")
            .map(|kept| kept.domain.as_str())
            .collect()
    }

    pub(super) async fn send(&mut self, test: &TestApp, request: Request<Body>) -> TestResponse {
        let mut request = request;
        let line = self.line(test.host());
        if !line.is_empty() {
            request
                .headers_mut()
                .insert(header::COOKIE, line.parse().unwrap());
        }
        let response = test.anon().send(request).await;
        self.keep(test.host(), &response);
        response
    }

    pub(super) async fn get(&mut self, test: &TestApp, path: &str) -> TestResponse {
        let request = Request::get(path)
            .header("host", test.host())
            .header("accept", "text/html");
        self.send(test, request.body(Body::empty()).unwrap()).await
    }

    /// Opens the sign-in page and registers this browser there.
    pub(super) async fn sign_in(
        &mut self,
        test: &TestApp,
        user: &TestUser,
        return_to: &str,
    ) -> TestResponse {
        test.wait(Duration::seconds(30));
        self.get(test, "/login").await;
        let code = user.code(test.now());
        let fields = [
            ("email", user.email.as_str()),
            ("code", &code),
            ("return_to", return_to),
        ];
        let mut request = test.anon().form("/actions/device/register", &fields);
        request.headers_mut().remove(header::COOKIE);
        self.send(test, request).await
    }

    /// Opens a page of a service behind its proxy.
    pub(super) async fn open(&self, service: &Service<'_>, host: &str) -> TestResponse {
        let (token, line) = (format!("Bearer {}", service.token), self.line(host));
        let headers = [
            ("authorization", token.as_str()),
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", host),
            ("x-forwarded-uri", "/album"),
            ("accept", "text/html"),
            ("sec-fetch-mode", "navigate"),
            ("cookie", &line),
        ];
        service.send(Method::GET, "/forward-auth", &headers).await
    }
}

impl Kept {
    fn goes_to(&self, host: &str) -> bool {
        host == self.domain
            || self.is_wide
                && host
                    .strip_suffix(&self.domain)
                    .is_some_and(|rest| rest.ends_with('.'))
    }
}
