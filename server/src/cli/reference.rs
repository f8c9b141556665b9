//! `latchkey reference`, hidden: what the code knows and the documents list, for `cargo xtask reference`.

use super::{failure::Failure, output::Output};
use latchkey_domain::audit::event::Action;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Reference {
    events: Vec<Event>,
    errors: &'static [ErrorCode],
}

#[derive(Serialize)]
struct Event {
    action: &'static str,
    meaning: &'static str,
}

#[derive(Serialize)]
struct ErrorCode {
    status: u16,
    code: &'static str,
    meaning: &'static str,
}

const fn error(status: u16, code: &'static str, meaning: &'static str) -> ErrorCode {
    ErrorCode {
        status,
        code,
        meaning,
    }
}

/// Every value of `error` in a JSON body.
const ERRORS: &[ErrorCode] = &[
    error(
        400,
        "bad_input",
        "`POST /device/add`: `field` names the field and `message` says what is wrong with it",
    ),
    error(
        401,
        "invalid_credentials",
        "`POST /device/add`: the e-mail address or the code is wrong",
    ),
    error(
        401,
        "sign_in_required",
        "`/forward-auth`: no signed-in device; `url` is the sign-in page",
    ),
    error(
        401,
        "step_up_required",
        "`/forward-auth` and `/verify`: the service requires a recent passkey; `url` is where to use one",
    ),
    error(
        403,
        "bad_question",
        "`/forward-auth`: the proxy's request cannot be read in exactly one way",
    ),
    error(
        403,
        "closed",
        "`/forward-auth`: a rule of the service closes this path",
    ),
    error(
        403,
        "no_access",
        "`/forward-auth`: the user has no grant for this service",
    ),
    error(
        403,
        "not_for_you",
        "`/forward-auth`: the token is missing, wrong or another service's, or no service has this host",
    ),
    error(403, "forbidden", "the page is for administrators"),
    error(
        403,
        "cross_site",
        "the request came from another site; nothing was changed",
    ),
    error(
        403,
        "other_address",
        "the request was made under an address other than `public_url`; nothing was changed",
    ),
    error(404, "not_found", "there is no such page"),
    error(
        405,
        "method_not_allowed",
        "the address does not accept this method",
    ),
    error(
        413,
        "too_large",
        "the request body is too large; nothing was changed",
    ),
    error(
        429,
        "throttled",
        "`POST /device/add`: too many wrong codes; try again after `Retry-After`",
    ),
    error(
        429,
        "too_many_requests",
        "too many requests from this device or network; try again after `Retry-After`",
    ),
    error(
        500,
        "internal",
        "an error in Latchkey; its cause is in the log",
    ),
    error(
        503,
        "busy",
        "the server is overloaded; try again after `Retry-After`",
    ),
    error(503, "timed_out", "the request took too long"),
];

/// Prints it as JSON.
pub(super) fn run() -> Result<ExitCode, Failure> {
    let event = |action: &Action| Event {
        action: action.as_str(),
        meaning: action.sentence(),
    };
    let reference = Reference {
        events: Action::ALL.iter().map(event).collect(),
        errors: ERRORS,
    };
    Output::new(true).say("", &reference)
}

#[cfg(test)]
mod tests {
    use super::ERRORS;
    use std::{collections::BTreeSet, fs, path::Path};

    fn read(dir: &Path, text: &mut String) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => read(&path, text),
                false => text.push_str(&fs::read_to_string(path).unwrap()),
            }
        }
    }

    #[test]
    fn the_error_codes_are_those_in_the_code() {
        let mut sources = String::new();
        read(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"),
            &mut sources,
        );
        let listed: BTreeSet<_> = ERRORS.iter().map(|error| error.code).collect();
        for code in &listed {
            assert!(
                sources.contains(&format!("\"{code}\"")),
                "{code} is not in the code"
            );
        }
        let made =
            regex::Regex::new(r#"(?:refuse\(|error: |(?s:StatusCode::[A-Z_]+,\s+))"([a-z_]+)""#)
                .unwrap();
        for found in made.captures_iter(&sources) {
            assert!(listed.contains(&found[1]), "{} is not listed", &found[1]);
        }
    }
}
