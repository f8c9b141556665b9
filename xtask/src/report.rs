//! What was done, how it went and how long it took: a line for each part, and a sum.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{step::Took, test_counts::Counts};

/// The parts so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

#[derive(Debug)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
    Tests(Counts),
}

/// How a check ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It passed.
    Passed,
    /// This machine lacks what it takes; it has printed what.
    Skipped,
}

impl Report {
    /// Does something that passes or fails; its value if it passed.
    pub(crate) fn part<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<T>,
    ) -> Option<T> {
        let mut value = None;
        self.add(name, || {
            value = Some(work()?);
            Ok(Outcome::Passed)
        });
        value
    }

    /// Does a check that may be impossible on this machine.
    pub(crate) fn check(&mut self, name: &'static str, work: impl FnOnce() -> Result<Checked>) {
        self.add(name, || {
            Ok(match work()? {
                Checked::Passed => Outcome::Passed,
                Checked::Skipped => Outcome::Skipped,
            })
        });
    }

    /// Runs tests: their counts, and whether the runner succeeded.
    pub(crate) fn tests(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<(Counts, bool)>,
    ) {
        self.add(name, || {
            let (counts, succeeded) = work()?;
            Ok(Outcome::Tests(counts.with_runner(succeeded)))
        });
    }

    fn add(&mut self, name: &'static str, work: impl FnOnce() -> Result<Outcome>) {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work().unwrap_or_else(|failure| {
            eprintln!("{name}: {failure:#}");
            Outcome::Failed
        });
        let took = start.elapsed();
        println!("== {name}: {}, {}", outcome.text(), Took(took));
        self.parts.push(Part {
            name,
            outcome,
            took,
        });
    }

    /// Prints the table and the sum.
    pub(crate) fn close(self) -> ExitCode {
        println!("\n  {:<14} {:<24} {:>8}", "part", "result", "seconds");
        let mut sum = Counts::default();
        for Part {
            name,
            outcome,
            took,
        } in &self.parts
        {
            println!(
                "  {name:<14} {:<24} {:>8.1}",
                outcome.text(),
                took.as_secs_f64()
            );
            sum += outcome.counts();
        }
        println!("\n{} passed, {} failed", sum.passed, sum.failed);
        if sum.failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

impl Outcome {
    /// A failed check counts as one failure, so that the sum never says that all is well.
    fn counts(&self) -> Counts {
        match *self {
            Self::Passed | Self::Skipped => Counts::default(),
            Self::Failed => Counts {
                passed: 0,
                failed: 1,
            },
            Self::Tests(counts) => counts,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Passed => "ok".to_owned(),
            Self::Failed => "failed".to_owned(),
            Self::Skipped => "skipped".to_owned(),
            Self::Tests(Counts { passed, failed: 0 }) => format!("{passed} passed"),
            Self::Tests(Counts { passed, failed }) => format!("{passed} passed, {failed} failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn a_failed_check_fails_the_whole() {
        let mut report = Report::default();
        assert_eq!(report.part("good", || Ok(1)), Some(1));
        assert_eq!(report.part("bad", || -> Result<()> { bail!("no") }), None);
        assert_eq!(report.close(), ExitCode::FAILURE);
    }

    #[test]
    fn a_skipped_check_does_not() {
        let mut report = Report::default();
        report.check("skipped", || Ok(Checked::Skipped));
        assert_eq!(report.close(), ExitCode::SUCCESS);
    }
}
