//! Every check and test, one after another.
//!
//! A failure does not stop the rest: whoever repairs one thing wants to see the others too.
//! Everything uses Cargo's dev profile, so that dependencies are compiled once, and debug assertions are
//! on. `test release` runs the browser tests with the very file that people deploy.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, Result, bail};

use crate::{
    api, book,
    browser::{self, Ready},
    build::{self, Built},
    checks, fail2ban, locations, process,
    profile::Profile,
    redis, reference,
    report::Report,
    sdk, smtp,
    test_counts::Counts,
    toolchain::{self, WASM},
    workspace::Workspace,
};

/// Why tests without a server, or without a browser, are not run.
const NOT_RUN: &str = "not run, because of the failure above";

/// All of it.
pub(crate) fn everything(workspace: &Workspace) -> ExitCode {
    let mut report = Report::default();
    lint_parts(&mut report, workspace);
    report.tests("Rust tests", || rust_tests(workspace, &[]));
    let built = build_part(&mut report, workspace, Profile::Dev);
    sdk_parts(&mut report, workspace, built.as_ref());
    let ready = browser_part(&mut report, workspace);
    browser_tests(&mut report, workspace, ready.as_ref(), built.as_ref(), &[]);
    doc_parts(&mut report, workspace);
    report.close()
}

/// What is checked without running anything.
pub(crate) fn lints(workspace: &Workspace) -> ExitCode {
    let mut report = Report::default();
    lint_parts(&mut report, workspace);
    report.close()
}

/// The Rust tests alone; the arguments go to `cargo test`.
pub(crate) fn rust(workspace: &Workspace, args: &[String]) -> ExitCode {
    let mut report = Report::default();
    report.tests("Rust tests", || rust_tests(workspace, args));
    report.close()
}

/// The documents.
pub(crate) fn docs(workspace: &Workspace) -> ExitCode {
    let mut report = Report::default();
    doc_parts(&mut report, workspace);
    report.close()
}

/// The tests of the SDKs.
pub(crate) fn sdk(workspace: &Workspace) -> ExitCode {
    let mut report = Report::default();
    report.tests("Rust SDK", || {
        let mut test = workspace.cargo(&["test", "--no-fail-fast"]);
        Counts::stream(
            test.args(["--package", "latchkey-client"]),
            Counts::from_cargo,
        )
    });
    let built = build_part(&mut report, workspace, Profile::Dev);
    sdk_parts(&mut report, workspace, built.as_ref());
    report.close()
}

/// The browser tests alone; the arguments go to `playwright test`.
pub(crate) fn browser(workspace: &Workspace, profile: Profile, args: &[String]) -> ExitCode {
    let mut report = Report::default();
    // The packages first: one of them is wasm-opt, which a release build uses.
    let ready = browser_part(&mut report, workspace);
    let built = build_part(&mut report, workspace, profile);
    browser_tests(&mut report, workspace, ready.as_ref(), built.as_ref(), args);
    report.close()
}

fn lint_parts(report: &mut Report, workspace: &Workspace) {
    report.part("format", || {
        toolchain::ensure_component(workspace, "fmt", "rustfmt")?;
        process::run(&mut workspace.cargo(&["fmt", "--all", "--check"]))
    });
    report.part("spelling", || checks::spelling(workspace));
    report.part("dependencies", || checks::dependencies(workspace));
    report.check("advisories", || checks::advisories(workspace));
    report.part("TypeScript", || checks::typescript(workspace));
    report.part("lints", || {
        toolchain::ensure_component(workspace, "clippy", "clippy")?;
        let lints = ["clippy", "--workspace", "--all-targets"];
        // The benchmarks too.
        let features = ["--features", "latchkey/bench"];
        clippy(workspace, &[&lints[..], &features].concat())
    });
    report.part("lints, wasm", || {
        toolchain::ensure_wasm(workspace)?;
        let frontend = ["clippy", "--package", "latchkey-frontend", "--target", WASM];
        clippy(workspace, &frontend)
    });
}

fn clippy(workspace: &Workspace, args: &[&str]) -> Result<()> {
    let mut cargo = workspace.cargo(args);
    process::run(cargo.args(["--", "-D", "warnings"]))
}

fn doc_parts(report: &mut Report, workspace: &Workspace) {
    report.part("rustdoc", || {
        let mut doc = workspace.cargo(&["doc", "--workspace", "--no-deps"]);
        process::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    });
    report.part("reference", || reference::check(workspace));
    report.part("links", || checks::links(workspace));
    report.part("book", || book::build(workspace));
}

fn build_part(report: &mut Report, workspace: &Workspace, profile: Profile) -> Option<Built> {
    report.part("build", || build::build(workspace, profile))
}

fn browser_part(report: &mut Report, workspace: &Workspace) -> Option<Ready> {
    report.part("browser", || browser::prepare(workspace))
}

fn browser_tests(
    report: &mut Report,
    workspace: &Workspace,
    ready: Option<&Ready>,
    built: Option<&Built>,
    args: &[String],
) {
    report.tests("browser tests", || match ready {
        Some(ready) => browser::run(workspace, binary(built)?, ready, args),
        None => bail!(NOT_RUN),
    });
}

fn sdk_parts(report: &mut Report, workspace: &Workspace, built: Option<&Built>) {
    report.tests("Rust, served", || sdk::rust(workspace, binary(built)?));
    report.tests("Python SDK", || sdk::python(workspace, binary(built)?));
    report.tests("TypeScript SDK", || {
        sdk::typescript(workspace, binary(built)?)
    });
    report.tests("Go SDK", || sdk::go(workspace, binary(built)?));
    report.part("examples", || sdk::examples(workspace, binary(built)?));
    report.part("API", || api::conformance(workspace, binary(built)?));
}

fn binary(built: Option<&Built>) -> Result<&Path> {
    Ok(&built.context(NOT_RUN)?.binary)
}

fn rust_tests(workspace: &Workspace, args: &[String]) -> Result<(Counts, bool)> {
    let mut test = workspace.cargo(&["test", "--no-fail-fast"]);
    test.env(redis::VARIABLE, redis::prepare(workspace)?);
    test.env(smtp::VARIABLE, smtp::prepare(workspace)?);
    if let Some(file) = locations::prepare(workspace) {
        test.env(locations::VARIABLE, file);
    }
    if let Some(unpacked) = fail2ban::prepare(workspace)? {
        test.env(fail2ban::VARIABLE, unpacked);
    }
    // Never --all-features: `app` cannot be the server's and the browser's at once.
    test.arg("--workspace").args(args);
    Counts::stream(&mut test, Counts::from_cargo)
}
