//! How many tests passed and failed, read from what the test runners say.

use std::ops::AddAssign;

use anyhow::{Context, Result};

/// Counted tests.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Tally {
    /// Reads `test result: ok. 5 passed; 0 failed; …`, the last line of each of Cargo's test
    /// programs. Other lines are `None`.
    pub(crate) fn from_cargo(line: &str) -> Option<Self> {
        let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
        let count = |what: &str| {
            let mut parts = counts.split("; ").filter_map(|part| part.split_once(' '));
            parts.find(|(_, word)| *word == what)?.0.parse().ok()
        };
        Some(Self {
            passed: count("passed")?,
            failed: count("failed")?,
        })
    }

    /// Reads the `stats` of Playwright's JSON report. A test that passed only when tried again
    /// counts as passed, as it does for Playwright; the list shows it as flaky.
    pub(crate) fn from_playwright(report: &str) -> Result<Self> {
        let report: serde_json::Value =
            serde_json::from_str(report).context("could not read Playwright's report")?;
        let count = |what: &str| {
            let number = report["stats"][what].as_u64();
            number.with_context(|| format!("Playwright's report has no stats.{what}"))
        };
        Ok(Self {
            passed: count("expected")? + count("flaky")?,
            failed: count("unexpected")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_result_lines_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s";
        assert_eq!(
            Tally::from_cargo(line),
            Some(Tally {
                passed: 12,
                failed: 3
            })
        );
        assert_eq!(Tally::from_cargo("test a::b ... ok"), None);
        assert_eq!(Tally::from_cargo("test result: nonsense"), None);
    }

    #[test]
    fn playwrights_report_is_read() {
        let report = r#"{"suites":[],"stats":{"expected":7,"unexpected":2,"flaky":1,"skipped":4}}"#;
        assert_eq!(
            Tally::from_playwright(report).unwrap(),
            Tally {
                passed: 8,
                failed: 2
            }
        );
        assert!(Tally::from_playwright("{}").is_err());
    }
}
