//! Where results and errors go, as text or as JSON.

use super::failure::Failure;
use serde::Serialize;
use std::{
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

/// Prints results and errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    is_json: bool,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
    message: String,
}

impl Output {
    pub(super) const fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Prints a result: `text` for people, `value` for programs.
    pub(super) fn say(self, text: impl Display, value: &impl Serialize) -> ExitCode {
        let line = if self.is_json {
            json(value)
        } else {
            text.to_string()
        };
        // A pipe that was closed early (`| head`) is no error.
        let _ = writeln!(io::stdout(), "{line}");
        ExitCode::SUCCESS
    }

    /// Says something to people, beside the result.
    pub(super) fn note(self, text: impl Display) {
        if !self.is_json {
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Prints an error and gives the exit code that goes with it.
    pub(super) fn fail(self, failure: &Failure) -> ExitCode {
        let message = failure.to_string();
        let line = match (self.is_json, failure) {
            (true, _) => json(&ErrorBody {
                error: failure.word(),
                message,
            }),
            // clap has written "error:" already.
            (false, Failure::Usage(_)) => message,
            (false, _) => format!("error: {message}"),
        };
        let _ = writeln!(io::stderr(), "{}", line.trim_end());
        ExitCode::from(failure.code())
    }
}

fn json(value: &impl Serialize) -> String {
    // Everything that is printed is plain data; the words are for the day something is not.
    serde_json::to_string(value)
        .unwrap_or_else(|error| format!("{{\"error\":\"internal\",\"message\":\"{error}\"}}"))
}
