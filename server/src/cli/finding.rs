//! What `latchkey doctor` and `latchkey proxy doctor` report: one finding per line.

use super::{
    failure::{FAILED, Failure},
    output::Output,
};
use serde::Serialize;
use std::{fmt, process::ExitCode};

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// As it should be.
    Ok,
    /// Needs attention, or could not be determined.
    Warning,
    /// Must be fixed.
    Failed,
}

/// One finding: what was checked, the result and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was checked.
    pub(super) check: &'static str,
    /// Identifies this finding; scripts can rely on it, messages may change.
    pub(super) code: &'static str,
    pub(super) status: Status,
    pub(super) message: String,
}

/// All findings, in the order of the checks.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings {
    pub(super) items: Vec<Finding>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, code, Status::Ok, message)
    }

    pub(super) fn warning(
        check: &'static str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::new(check, code, Status::Warning, message)
    }

    pub(super) fn failed(
        check: &'static str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::new(check, code, Status::Failed, message)
    }

    fn new(
        check: &'static str,
        code: &'static str,
        status: Status,
        message: impl Into<String>,
    ) -> Self {
        Self {
            check,
            code,
            status,
            message: message.into(),
        }
    }
}

impl Findings {
    pub(super) fn push(&mut self, finding: Finding) {
        self.items.push(finding);
    }

    /// Prints all findings; the exit code is 1 if a check failed.
    pub(super) fn print(&self, output: Output) -> Result<ExitCode, Failure> {
        let printed = output.print(self, self)?;
        let is_failed = |finding: &Finding| finding.status == Status::Failed;
        Ok(match self.items.iter().any(is_failed) {
            true => ExitCode::from(FAILED),
            false => printed,
        })
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.items.iter().map(|finding| finding.check.len()).max();
        let width = width.unwrap_or_default();
        for (index, finding) in self.items.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let Finding { check, message, .. } = finding;
            let status = finding.status.label();
            write!(f, "{status:8} {check:width$}  {message}")?;
        }
        Ok(())
    }
}

impl Status {
    const fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
        }
    }
}
