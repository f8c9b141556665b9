//! What the doctors found: one line a check.

use super::{
    failure::{FAILED, Failure},
    output::Output,
};
use serde::Serialize;
use std::{fmt, process::ExitCode};

/// How it stands with what was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// As it should be.
    Ok,
    /// Worth a look, or not to be seen from here.
    Warning,
    /// Wrong.
    Failed,
}

/// One check: what was looked at, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) status: Status,
    pub(super) message: String,
}

/// All of them, in the order in which they were looked at.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings {
    pub(super) items: Vec<Finding>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Status::Ok, message)
    }

    pub(super) fn warning(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Status::Warning, message)
    }

    pub(super) fn failed(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Status::Failed, message)
    }

    fn new(check: &'static str, status: Status, message: impl Into<String>) -> Self {
        Self {
            check,
            status,
            message: message.into(),
        }
    }
}

impl Findings {
    pub(super) fn add(&mut self, check: &'static str, status: Status, message: impl Into<String>) {
        self.items.push(Finding::new(check, status, message));
    }

    /// Prints them; anything wrong is a failure.
    pub(super) fn say(&self, output: Output) -> Result<ExitCode, Failure> {
        let said = output.say(self, self)?;
        let is_failed = |found: &Finding| found.status == Status::Failed;
        Ok(match self.items.iter().any(is_failed) {
            true => ExitCode::from(FAILED),
            false => said,
        })
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self
            .items
            .iter()
            .map(|finding| {
                format!(
                    "{:8} {:14} {}",
                    finding.status.word(),
                    finding.check,
                    finding.message
                )
            })
            .collect();
        f.write_str(&lines.join("\n"))
    }
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
        }
    }
}
