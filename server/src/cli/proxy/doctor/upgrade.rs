//! A connection that becomes something else: through one that speaks HTTP/2 behind the proxy's back,
//! everything can be asked for without a question (h2c smuggling; RFC 7540 §3.2).

use super::{
    exchange::{Answer, Question},
    sight::Sight,
};
use crate::cli::finding::Finding;
use axum::http::{HeaderName, StatusCode, header};

/// HTTP/2 without TLS, as RFC 7540 §11.3 calls it.
const H2C: &str = "h2c";

/// The same, and the connection should go over to HTTP/2.
pub(super) fn on(page: Question) -> Question {
    page.with(header::CONNECTION, "Upgrade, HTTP2-Settings")
        .with(header::UPGRADE, H2C)
        .with(
            HeaderName::from_static("http2-settings"),
            "AAMAAABkAAQAAP__",
        )
}

/// Nothing is known where the answer does not say what reached the backend.
pub(super) fn judge(check: &'static str, answer: &Answer, sight: &Sight) -> Option<Finding> {
    let has_arrived = sight.is_whole() && sight.has(H2C);
    if has_arrived || answer.status == StatusCode::SWITCHING_PROTOCOLS {
        return Some(Finding::failed(
            check,
            "a client's `Upgrade: h2c` reaches the backend: one that speaks HTTP/2 goes over to it, and whatever comes over that connection afterwards is asked by nobody. Let `websocket` through and nothing else, as `latchkey proxy snippet` does",
        ));
    }
    let is_known = sight.is_whole() || !answer.status.is_success();
    is_known.then(|| Finding::ok(check, "no connection becomes one that nobody asks about"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{finding::Status, proxy::doctor::judging};

    #[test]
    fn r22_an_upgrade_that_arrives_or_happens_is_a_problem() {
        let judge = |status, sight| {
            let answer = judging::answer(status, &[], "");
            judge("upgrade", &answer, &sight).map(|found| found.status)
        };
        let failed = Some(Status::Failed);
        assert_eq!(judge(200, judging::arrived(&[("upgrade", "h2c")])), failed);
        assert_eq!(
            judge(200, Sight::Echoed("HTTP_UPGRADE: h2c".into())),
            failed
        );
        assert_eq!(judge(101, Sight::Absent), failed);
        assert_eq!(judge(101, Sight::Hidden(String::new())), failed);

        let ok = Some(Status::Ok);
        assert_eq!(judge(200, judging::arrived(&[("accept", "text/html")])), ok);
        assert_eq!(judge(400, Sight::Absent), ok);
        assert_eq!(judge(302, Sight::Hidden(String::new())), ok);
        assert_eq!(judge(200, Sight::Hidden("all about h2c".into())), None);
    }
}
