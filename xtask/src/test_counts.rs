//! How many tests passed and failed, read from what the test runners say.

use std::{ops::AddAssign, process::Command};

use anyhow::{Context, Result};

use crate::process;

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

    /// Runs tests and adds up what `read` finds in their output, line by line; whether the runner succeeded.
    pub(crate) fn stream(
        command: &mut Command,
        mut read: impl FnMut(&str) -> Option<Self>,
    ) -> Result<(Self, bool)> {
        let mut counts = Self::default();
        let succeeded = process::stream(command, |line| {
            if let Some(more) = read(line) {
                counts += more;
            }
        })?;
        Ok((counts, succeeded))
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

    /// Reads a test's line of `go test -v`: `--- PASS: TestName (0.00s)`. Those of its parts are indented.
    pub(crate) fn from_go(line: &str) -> Option<Self> {
        let (outcome, _) = line.strip_prefix("--- ")?.split_once(": ")?;
        Some(Self {
            passed: u64::from(outcome == "PASS"),
            failed: u64::from(outcome == "FAIL"),
        })
    }

    /// Reads `ℹ pass 23` and `ℹ fail 0`, which Node's test runner prints at the end.
    pub(crate) fn from_node(line: &str) -> Option<Self> {
        let (what, number) = line.strip_prefix("ℹ ")?.split_once(' ')?;
        let number = number.parse().ok()?;
        match what {
            "pass" => Some(Self {
                passed: number,
                failed: 0,
            }),
            "fail" | "cancelled" => Some(Self {
                passed: 0,
                failed: number,
            }),
            _ => None,
        }
    }

    /// Reads `Ran 24 tests in 3.7s`, which Python's unittest prints before it says which failed: that is the runner's failure.
    pub(crate) fn from_unittest(line: &str) -> Option<Self> {
        let (number, rest) = line.strip_prefix("Ran ")?.split_once(' ')?;
        let passed = number.parse().ok()?;
        rest.starts_with("test")
            .then_some(Self { passed, failed: 0 })
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
    fn the_results_of_go_node_and_python_are_parsed() {
        let counts = |passed, failed| Some(Counts { passed, failed });
        assert_eq!(Counts::from_go("--- PASS: TestKeys (0.01s)"), counts(1, 0));
        assert_eq!(Counts::from_go("--- FAIL: TestKeys (0.01s)"), counts(0, 1));
        assert_eq!(Counts::from_go("    --- FAIL: TestKeys/one (0.01s)"), None);
        assert_eq!(Counts::from_go("=== RUN   TestKeys"), None);
        assert_eq!(Counts::from_node("ℹ pass 23"), counts(23, 0));
        assert_eq!(Counts::from_node("ℹ fail 2"), counts(0, 2));
        assert_eq!(Counts::from_node("ℹ tests 25"), None);
        assert_eq!(
            Counts::from_unittest("Ran 24 tests in 3.722s"),
            counts(24, 0)
        );
        assert_eq!(Counts::from_unittest("Ran 1 test in 0.1s"), counts(1, 0));
        assert_eq!(Counts::from_unittest("OK"), None);
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
