use super::{TestApp, TestResponse};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, header, request::Builder},
};
use std::{collections::BTreeMap, net::SocketAddr};
use tower::ServiceExt;

/// A browser: keeps cookies and says where a request comes from, as real ones do.
#[derive(Clone)]
pub(crate) struct Browser<'a> {
    test: &'a TestApp,
    pub(crate) cookies: BTreeMap<String, String>,
}

const DEVICE: &str = "__Host-latchkey";
const SESSION: &str = "__Host-latchkey-session";

/// What an island sends at the end of a ceremony: a credential that is well-formed and proves nothing.
pub(crate) fn ceremony_body(handle: &str) -> String {
    serde_json::json!({
        "handle": handle,
        "credential": {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "attestationObject": "oA",
                "authenticatorData": "AAAA",
                "signature": "AAAA",
            },
        },
    })
    .to_string()
}

impl<'a> Browser<'a> {
    /// One that has been on the sign-in page, as every browser that sends a form from there.
    pub(super) fn new(test: &'a TestApp) -> Self {
        let login_marker = ("__Host-latchkey-led".to_owned(), "0.0".to_owned());
        Self {
            test,
            cookies: BTreeMap::from([login_marker]),
        }
    }

    /// Where it is.
    pub(crate) const fn app(&self) -> &TestApp {
        self.test
    }

    pub(crate) fn device_cookie(&self) -> Option<&str> {
        self.cookies.get(DEVICE).map(String::as_str)
    }

    pub(crate) fn session_cookie(&self) -> Option<&str> {
        self.cookies.get(SESSION).map(String::as_str)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The same device, with another cookie of that name.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.set(name, value);
        other
    }

    /// Opens a page.
    pub(crate) async fn get(&mut self, path: &str) -> TestResponse {
        let request = self
            .request(Method::GET, path)
            .header("sec-fetch-site", "none");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form from one of our pages.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        let request = self.form(path, fields);
        self.send(request).await
    }

    /// Registers this device at the sign-in page.
    pub(crate) async fn register(&mut self, email: &str, code: &str) -> TestResponse {
        let fields = [("email", email), ("code", code)];
        self.post("/actions/device/register", &fields).await
    }

    /// A form, not yet sent.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.of_our_page(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    }

    /// Calls an action as an island does.
    pub(crate) async fn fetch(&mut self, path: &str, json: &str) -> TestResponse {
        let mut request = self
            .of_our_page(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json.to_owned()))
            .unwrap();
        request.headers_mut().insert(
            header::ACCEPT,
            header::HeaderValue::from_static("application/json"),
        );
        self.send(request).await
    }

    /// A changing request as our own pages send it.
    pub(crate) fn of_our_page(&self, path: &str) -> Builder {
        self.request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, &self.test.origin)
    }

    /// A request with nothing but the host, the cookies, and the wish for HTML.
    pub(crate) fn request(&self, method: Method, path: &str) -> Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.test.host())
            .header(header::ACCEPT, "text/html,*/*;q=0.8");
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request
    }

    /// Sends anything, and keeps the cookies of the response.
    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> TestResponse {
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 40_000))));
        let response =
            TestResponse::read(self.test.public.clone().oneshot(request).await.unwrap()).await;
        for line in response.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='))
                .unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.set(name, value);
            }
        }
        response
    }
}
