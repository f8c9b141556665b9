//! Answers to judge, for the tests of the judges.

use super::{
    asked::{Asked, Expected},
    exchange::Answer,
    sight::{Arrival, Sight},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::sync::LazyLock;
use url::Url;

static URL: LazyLock<Url> =
    LazyLock::new(|| "https://photos.example.com/album?page=2".parse().unwrap());

pub(super) fn asked() -> Asked<'static> {
    Asked {
        url: &URL,
        expected: Expected::SignIn,
        service: "photos",
        base: "https://login.example.com",
        internal: "127.0.0.1:3001",
        is_up: true,
        is_trusting: false,
    }
}

pub(super) fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    lines
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        })
        .collect()
}

/// A request as it came to the stand-in.
pub(super) fn arrival(target: &str, lines: &[(&str, &str)]) -> Arrival {
    Arrival {
        target: target.to_owned(),
        headers: headers(lines),
    }
}

/// A request for [`asked`] that came to the stand-in.
pub(super) fn arrived(lines: &[(&str, &str)]) -> Sight {
    Sight::Arrived(arrival("/album?page=2", lines))
}

pub(super) fn answer(status: u16, lines: &[(&str, &str)], body: &str) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: headers(lines),
        body: body.to_owned(),
        mark: "run-0".to_owned(),
    }
}
