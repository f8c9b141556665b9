//! Every fuzz target for a while, one after another, and a table of what they found.
//!
//! A finding does not stop the rest: whoever repairs one wants to see the others too.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{process, step, step::Took, tools::CARGO_FUZZ, workspace::Workspace};

/// An input that takes longer than this is a finding, in seconds.
const SLOW_SECONDS: u64 = 10;

/// What one target did.
#[derive(Debug)]
struct Outcome {
    target: String,
    took: Duration,
    inputs: Option<u64>,
    /// Where the failing input lies; empty if libFuzzer named no file.
    finding: Option<String>,
}

/// Runs every target for this long.
pub(crate) fn fuzz(workspace: &Workspace, minutes: u64) -> Result<ExitCode> {
    let targets = targets(workspace)?;
    step::step("fuzz build", || {
        process::run(&mut cargo_fuzz(workspace, &["build", "-s", "none"])?)
    })?;
    let outcomes: Vec<Outcome> = targets
        .into_iter()
        .map(|target| run(workspace, target, minutes * 60))
        .collect::<Result<_>>()?;
    println!();
    for outcome in &outcomes {
        step::note(&outcome.target, &summary(outcome));
    }
    match outcomes.iter().any(|outcome| outcome.finding.is_some()) {
        true => {
            println!(
                "\nMake each input a seed in fuzz/seeds and a row in a test beside its parser."
            );
            Ok(ExitCode::FAILURE)
        }
        false => Ok(ExitCode::SUCCESS),
    }
}

/// The targets by name: one file each.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let dir = workspace.fuzz().join("fuzz_targets");
    let mut targets = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("could not read {}", dir.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs")
            && let Some(name) = path.file_stem().and_then(|name| name.to_str())
        {
            targets.push(name.to_owned());
        }
    }
    targets.sort();
    Ok(targets)
}

fn run(workspace: &Workspace, target: String, seconds: u64) -> Result<Outcome> {
    let own = |kind: &str| workspace.fuzz().join(kind).join(&target);
    let corpus = own("corpus");
    fs::create_dir_all(&corpus)?;
    println!("\n  {target}");
    let start = Instant::now();
    let mut command = cargo_fuzz(workspace, &["run", "-s", "none", &target])?;
    command.args([corpus, own("seeds")]).args([
        "--",
        &format!("-max_total_time={seconds}"),
        &format!("-timeout={SLOW_SECONDS}"),
    ]);
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .context("could not start `cargo fuzz run`")?;
    // libFuzzer reports on standard error.
    let (mut inputs, mut artifact) = (None, None);
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            std::io::stderr().write_all(&line)?;
            let text = String::from_utf8_lossy(&line);
            inputs = inputs_in(&text).or(inputs);
            artifact = artifact_in(&text).map(str::to_owned).or(artifact);
            line.clear();
        }
    }
    let success = child.wait()?.success();
    Ok(Outcome {
        target,
        took: start.elapsed(),
        inputs,
        finding: (!success).then(|| artifact.unwrap_or_default()),
    })
}

fn summary(outcome: &Outcome) -> String {
    let took = Took(outcome.took);
    let inputs = match outcome.inputs {
        Some(inputs) => format!(", {inputs} inputs"),
        None => String::new(),
    };
    match outcome.finding.as_deref() {
        None => format!("no finding   {took}{inputs}"),
        Some("") => format!("FAILED       {took}{inputs}"),
        Some(artifact) => format!("FAILED       {took}{inputs}: {artifact}"),
    }
}

/// How many inputs there were, from libFuzzer's last line.
fn inputs_in(line: &str) -> Option<u64> {
    let rest = line.trim().strip_prefix("Done ")?;
    rest.split_once(" runs in ")?.0.parse().ok()
}

/// Where libFuzzer wrote the input that failed.
fn artifact_in(line: &str) -> Option<&str> {
    let (_, path) = line.trim().split_once("Test unit written to ")?;
    Some(path)
}

/// `cargo fuzz` without a sanitizer, and with the compiler's unstable options allowed: nightly is
/// not needed, and memory errors are not looked for where `unsafe` is forbidden.
fn cargo_fuzz(workspace: &Workspace, args: &[&str]) -> Result<Command> {
    let mut command = workspace.program(CARGO_FUZZ.ensure(workspace)?);
    command.args(args).env("RUSTC_BOOTSTRAP", "1");
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libfuzzers_output_is_parsed() {
        assert_eq!(inputs_in("Done 28093 runs in 61 second(s)\n"), Some(28093));
        assert_eq!(inputs_in("#2\tINITED cov: 5"), None);
        let line = "artifact_prefix='/x/'; Test unit written to fuzz/artifacts/path/crash-0a\n";
        assert_eq!(artifact_in(line), Some("fuzz/artifacts/path/crash-0a"));
    }
}
