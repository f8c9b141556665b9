//! `POST /device/add`

mod bodies;
mod credentials;
mod registering;

use crate::harness::{Browser, TestResponse};
use axum::{
    body::Body,
    http::{Method, header},
};

/// As curl sends it: no `Origin`, no `Sec-Fetch-Site`, no wish for HTML.
async fn add(browser: &mut Browser<'_>, content_type: &str, body: &str) -> TestResponse {
    let mut request = browser
        .request(Method::POST, "/device/add")
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body.to_owned()))
        .unwrap();
    request.headers_mut().remove(header::ACCEPT);
    browser.send(request).await
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

async fn add_form(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> TestResponse {
    add(browser, "application/x-www-form-urlencoded", &form(fields)).await
}
