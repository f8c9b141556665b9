//! Every check there is, one after another, and one line that sums them up.
//!
//! A failure does not stop the rest: whoever repairs one thing wants to see the others too.
//! Everything uses Cargo's dev profile, so that dependencies are compiled once; its assertions are
//! on, too. `test release` walks the browser tests over the very file that people deploy.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    browser,
    build::{self, Flavour},
    process,
    step::Took,
    tally::Tally,
    toolchain::{self, WASM},
    workspace::Workspace,
};

/// Format, lints, Rust tests, docs, browser tests.
pub(crate) fn everything(workspace: &Workspace) -> Result<ExitCode> {
    let mut report = Report::default();
    report.part("format", || {
        toolchain::ensure_component(workspace, "fmt", "rustfmt")?;
        check(process::run(
            &mut workspace.cargo(&["fmt", "--all", "--check"]),
        ))
    });
    report.part("lints", || {
        toolchain::ensure_component(workspace, "clippy", "clippy")?;
        let lint = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        check(process::run(&mut workspace.cargo(&lint)))
    });
    report.part("lints, wasm", || {
        toolchain::ensure_wasm(workspace)?;
        let lint = [
            "clippy",
            "--package",
            "latchkey-frontend",
            "--target",
            WASM,
            "--",
            "-D",
            "warnings",
        ];
        check(process::run(&mut workspace.cargo(&lint)))
    });
    report.part("Rust tests", || rust_tests(workspace, &[]));
    report.part("docs", || {
        let mut doc = workspace.cargo(&["doc", "--workspace", "--no-deps"]);
        check(process::run(doc.env("RUSTDOCFLAGS", "-D warnings")))
    });
    browser_parts(&mut report, workspace, Flavour::Dev, &[]);
    Ok(report.close())
}

/// The Rust tests alone; the arguments go to `cargo test`.
pub(crate) fn rust(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let mut report = Report::default();
    report.part("Rust tests", || rust_tests(workspace, args));
    Ok(report.close())
}

/// The browser tests alone; the arguments go to `playwright test`.
pub(crate) fn browser(
    workspace: &Workspace,
    flavour: Flavour,
    args: &[String],
) -> Result<ExitCode> {
    let mut report = Report::default();
    browser_parts(&mut report, workspace, flavour, args);
    Ok(report.close())
}

fn browser_parts(report: &mut Report, workspace: &Workspace, flavour: Flavour, args: &[String]) {
    // The packages first: one of them is wasm-opt, which the build uses.
    let ready = report.part("browser", || {
        Ok((Tally::default(), browser::prepare(workspace)?))
    });
    let built = report.part("build", || {
        Ok((Tally::default(), build::build(workspace, flavour)?))
    });
    match (ready, built) {
        (Some(ready), Some(built)) => {
            report.part("browser tests", || {
                browser::run(workspace, &built.binary, &ready, args).and_then(counted)
            });
        }
        _ => {
            report.part("browser tests", || -> Result<(Tally, ())> {
                bail!("not run, because of the failure above")
            });
        }
    }
}

fn rust_tests(workspace: &Workspace, args: &[String]) -> Result<(Tally, ())> {
    let mut tally = Tally::default();
    // Never --all-features: `app` cannot be the server's and the browser's at once.
    let mut test = workspace.cargo(&["test", "--workspace", "--no-fail-fast"]);
    let succeeded = process::stream(test.args(args), |line| {
        if let Some(more) = Tally::from_cargo(line) {
            tally += more;
        }
    })?;
    counted((tally, succeeded))
}

/// A part that either holds or does not.
fn check(result: Result<()>) -> Result<(Tally, ())> {
    result.map(|()| (Tally::default(), ()))
}

/// A part with counted tests. One that failed without a failed test (it did not compile, it was
/// killed) counts as one failure, so that the sum never says that all is well.
fn counted((mut tally, succeeded): (Tally, bool)) -> Result<(Tally, ())> {
    if !succeeded && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok((tally, ()))
}

/// What was done, how it went and how long it took.
#[derive(Debug, Default)]
struct Report {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    name: &'static str,
    tally: Tally,
    took: Duration,
}

impl Report {
    /// Does one part; its value if it did not fail.
    fn part<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<(Tally, T)>,
    ) -> Option<T> {
        println!("\n== {name}");
        let start = Instant::now();
        let (tally, value) = match work() {
            Ok((tally, value)) => (tally, Some(value)),
            Err(failure) => {
                eprintln!("{name}: {failure:#}");
                (
                    Tally {
                        passed: 0,
                        failed: 1,
                    },
                    None,
                )
            }
        };
        let took = start.elapsed();
        println!("== {name}: {}, {}", result(tally), Took(took));
        self.parts.push(Part { name, tally, took });
        value
    }

    /// Prints the table and the sum.
    fn close(self) -> ExitCode {
        println!("\n  {:<14} {:<24} {:>8}", "part", "result", "seconds");
        let mut sum = Tally::default();
        for Part { name, tally, took } in &self.parts {
            println!(
                "  {name:<14} {:<24} {:>8.1}",
                result(*tally),
                took.as_secs_f64()
            );
            sum += *tally;
        }
        println!("\n{} passed, {} failed", sum.passed, sum.failed);
        if sum.failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

fn result(tally: Tally) -> String {
    match tally {
        Tally {
            passed: 0,
            failed: 0,
        } => "ok".to_owned(),
        Tally {
            passed: 0,
            failed: 1,
        } => "failed".to_owned(),
        Tally { passed, failed: 0 } => format!("{passed} passed"),
        Tally { passed, failed } => format!("{passed} passed, {failed} failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_that_dies_is_a_failure() {
        let died = counted((
            Tally {
                passed: 3,
                failed: 0,
            },
            false,
        ))
        .unwrap()
        .0;
        assert_eq!(
            died,
            Tally {
                passed: 3,
                failed: 1
            }
        );
        let failed = counted((
            Tally {
                passed: 3,
                failed: 2,
            },
            false,
        ))
        .unwrap()
        .0;
        assert_eq!(
            failed,
            Tally {
                passed: 3,
                failed: 2
            }
        );
    }

    #[test]
    fn a_failed_check_fails_the_whole() {
        let mut report = Report::default();
        assert!(report.part("good", || check(Ok(()))).is_some());
        assert!(
            report
                .part("bad", || check(Err(anyhow::anyhow!("no"))))
                .is_none()
        );
        assert_eq!(report.close(), ExitCode::FAILURE);
    }
}
