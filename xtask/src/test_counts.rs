//! How many tests passed and failed, read from what the test runners say.

use std::ops::AddAssign;

use anyhow::{Context, Result};

/// How many tests passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Counts {
    /// A runner that failed without a failed test (it did not compile, it was killed) counts as one failure, so that
    /// the sum never says that all is well.
    pub(crate) fn with_runner(mut self, succeeded: bool) -> Self {
        if !succeeded && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    /// Reads `test result: ok. 5 passed; 0 failed; …`, the last line of each of Cargo's test
    /// programs. Other lines are `None`.
    pub(crate) fn from_cargo(line: &str) -> Option<Self> {
        let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
        let count = |what: &str| {
            let mut parts = counts.split("; ").filter_map(|part| part.split_once(' '));
            parts.find(|(_, name)| *name == what)?.0.parse().ok()
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
    fn a_runner_that_dies_is_a_failure() {
        let counts = |passed, failed| Counts { passed, failed };
        assert_eq!(counts(3, 0).with_runner(false), counts(3, 1));
        assert_eq!(counts(3, 2).with_runner(false), counts(3, 2));
        assert_eq!(counts(3, 0).with_runner(true), counts(3, 0));
    }

    #[test]
    fn cargos_results_are_parsed() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s";
        assert_eq!(
            Counts::from_cargo(line),
            Some(Counts {
                passed: 12,
                failed: 3
            })
        );
        assert_eq!(Counts::from_cargo("test a::b ... ok"), None);
        assert_eq!(Counts::from_cargo("test result: nonsense"), None);
    }

    #[test]
    fn playwrights_report_is_parsed() {
        let report = r#"{"suites":[],"stats":{"expected":7,"unexpected":2,"flaky":1,"skipped":4}}"#;
        assert_eq!(
            Counts::from_playwright(report).unwrap(),
            Counts {
                passed: 8,
                failed: 2
            }
        );
        assert!(Counts::from_playwright("{}").is_err());
    }
}
