//! What the backend saw of a request.

use super::{exchange::Answer, stand_in::StandIn};
use axum::http::{HeaderMap, HeaderName};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    /// What stood behind the method.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
}

/// As far as it can be known.
#[derive(Debug)]
pub(super) enum Sight {
    /// The request arrived at the stand-in.
    Arrived(Arrival),
    /// The stand-in saw nothing of it.
    Absent,
    /// The answer repeats what the backend was asked.
    Echoed(String),
    /// The answer does not say.
    Hidden(String),
}

impl Sight {
    pub(super) fn of(answer: &Answer, stand_in: Option<&StandIn>) -> Self {
        if let Some(stand_in) = stand_in {
            return stand_in
                .arrival_of(&answer.mark)
                .map_or(Self::Absent, Self::Arrived);
        }
        let mut text = String::new();
        for (name, value) in &answer.headers {
            text += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
        }
        text += &answer.body;
        // A backend that repeats `User-Agent` repeats the other headers too.
        match text.contains(&answer.mark) {
            true => Self::Echoed(text),
            false => Self::Hidden(text),
        }
    }

    /// Whether what is not there was not there.
    pub(super) const fn is_whole(&self) -> bool {
        matches!(self, Self::Arrived(_) | Self::Echoed(_))
    }

    /// Whether this text stands in what the backend saw, as far as it can be seen.
    pub(super) fn has(&self, text: &str) -> bool {
        match self {
            Self::Arrived(Arrival { headers, .. }) => headers
                .values()
                .any(|value| String::from_utf8_lossy(value.as_bytes()).contains(text)),
            Self::Absent => false,
            Self::Echoed(all) | Self::Hidden(all) => all.contains(text),
        }
    }

    /// Whether the backend was asked for this very target; `None` where nobody saw what it was asked for.
    pub(super) fn has_target(&self, target: &str) -> Option<bool> {
        match self {
            Self::Arrived(arrival) => Some(arrival.target == target),
            Self::Echoed(all) => Some(all.contains(target)),
            Self::Absent | Self::Hidden(_) => None,
        }
    }

    /// Whether the backend got this header, and something in it. Echoes spell names in many ways.
    pub(super) fn has_header(&self, name: &HeaderName) -> bool {
        match self {
            Self::Arrived(Arrival { headers, .. }) => {
                headers.get(name).is_some_and(|value| !value.is_empty())
            }
            Self::Absent | Self::Hidden(_) => false,
            Self::Echoed(all) => all
                .to_ascii_lowercase()
                .replace('_', "-")
                .contains(name.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    fn answer(body: &str) -> Answer {
        Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: body.to_owned(),
            mark: "run-7".to_owned(),
        }
    }

    #[test]
    fn an_answer_with_our_mark_repeats_what_was_asked_and_any_other_hides_it() {
        let echo = Sight::of(
            &answer("User-Agent: doctor (run-7)\nHTTP_LATCHKEY_SUBJECT: x"),
            None,
        );
        assert!(echo.is_whole() && echo.has_header(&HeaderName::from_static("latchkey-subject")));
        assert!(!echo.has_header(&HeaderName::from_static("latchkey-email")));
        let page = Sight::of(&answer("<h1>Photos</h1> latchkey-subject"), None);
        assert!(!page.is_whole() && !page.has_header(&HeaderName::from_static("latchkey-subject")));
        assert!(page.has("Photos"), "what is there can be seen all the same");
        // The mark of another request: an answer from a cache says nothing of this one.
        assert!(!Sight::of(&answer("doctor (run-6)"), None).is_whole());
    }
}
