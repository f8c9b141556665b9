//! `latchkey audit verify`: verifies the log here, or an export of it anywhere.

use crate::{
    cli::{
        Context, OPERATOR,
        failure::{FAILED, Failure},
        output::Output,
    },
    message::audit as message,
};
use clap::Args;
use latchkey_app::format;
use latchkey_engine::{
    ChainReport, CheckpointFault, CheckpointKeys, Comparison, ExportCheck, PrunedEntries,
    ReadCheckpoint, Unsealed,
};
use serde::Serialize;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The arguments.
#[derive(Args)]
pub(in crate::cli) struct Verify {
    /// Compare with the checkpoints in this file, one a line (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Verify this export instead of the log; needs neither the database nor the master key
    #[arg(long, value_name = "FILE", requires = "key")]
    export: Option<PathBuf>,
    /// The public keys for the export, as `latchkey audit keys` prints them
    #[arg(long, value_name = "FILE", requires = "export")]
    key: Option<PathBuf>,
    /// The --after with which the export was made
    #[arg(long, default_value_t = 0, value_name = "SEQ", requires = "export")]
    after: i64,
}

#[derive(Default, Serialize)]
struct Report {
    intact: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<u64>,
    /// Entries that were removed: a tombstone stands for them, and they are not among those that were verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pruned: Option<PrunedEntries>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_at: Option<i64>,
    /// What is wrong with an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<Comparison>,
    /// Events that are not in the chain yet, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    unsealed: Option<Unsealed>,
}

impl Verify {
    pub(super) const fn is_of_export(&self) -> bool {
        self.export.is_some()
    }

    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let against = self.against.as_deref();
        let files = [&self.against, &self.export, &self.key];
        let is_stdin = |file: &PathBuf| file.as_os_str() == "-";
        if files
            .into_iter()
            .flatten()
            .filter(|file| is_stdin(file))
            .count()
            > 1
        {
            let twice = "error: only one of the files can be standard input".to_owned();
            return Err(Failure::Usage(twice));
        }
        if let (Some(export), Some(key)) = (&self.export, &self.key) {
            let keys = CheckpointKeys::parse(&read(key)?)
                .map_err(|_| Failure::Audit(format!("{}: {}", key.display(), message::NO_KEY)))?;
            let checkpoints = against.map(|file| checkpoints(&keys, file)).transpose()?;
            return verify_export(context.output, export, keys, self.after, checkpoints);
        }
        let engine = context.engine().await?;
        let checkpoints = against
            .map(|file| checkpoints(&engine.checkpoint_keys(), file))
            .transpose()?;
        let (report, comparison) = engine
            .verify_audit_log(&OPERATOR, checkpoints.as_deref().unwrap_or_default())
            .await?;
        let comparison = checkpoints.map(|_| comparison);
        let (text, entries, pruned, broken_at) = match report {
            ChainReport::Intact { entries, pruned } => {
                let end = match &comparison {
                    Some(_) => "",
                    None => {
                        " Whether its end was truncated can only be seen --against a checkpoint kept elsewhere."
                    }
                };
                let pruned_text = pruned.as_ref().map(pruned_text).unwrap_or_default();
                let text = format!("The chain is intact: {entries} entries.{end}{pruned_text}");
                (text, Some(entries), pruned, None)
            }
            ChainReport::Broken { seq } => (
                format!(
                    "The chain is broken at entry {seq}: this entry, or the one before it, was changed."
                ),
                None,
                None,
                Some(seq),
            ),
        };
        let unsealed = engine.unsealed_events(&OPERATOR).await?;
        let found = Report {
            entries,
            pruned,
            broken_at,
            against: comparison,
            unsealed: (unsealed != Unsealed::default()).then_some(unsealed),
            ..Report::default()
        };
        print(context.output, &(text + &unsealed_text(unsealed)), found)
    }
}

fn pruned_text(pruned: &PrunedEntries) -> String {
    let until = format::rfc3339(pruned.until);
    format!(
        "\nPruned until {until}: {} entries by tombstone, which are not counted as verified.",
        pruned.entries
    )
}

fn unsealed_text(unsealed: Unsealed) -> String {
    let mut text = String::new();
    let events = |count| if count == 1 { "event is" } else { "events are" };
    let Unsealed { waiting, rejected } = unsealed;
    if waiting > 0 {
        text += &format!("\n{waiting} {} not in the chain yet.", events(waiting));
    }
    if rejected > 0 {
        text += &format!(
            "\n{rejected} {} beside the chain without a valid tag: not written by Latchkey, or under a master key that was removed.",
            events(rejected)
        );
    }
    text
}

fn verify_export(
    output: Output,
    export: &Path,
    keys: CheckpointKeys,
    after: i64,
    checkpoints: Option<Vec<ReadCheckpoint>>,
) -> Result<ExitCode, Failure> {
    let mut check = ExportCheck::new(keys, after, checkpoints.as_deref().unwrap_or_default());
    let verdict = {
        let mut lines = open(export)?.lines();
        loop {
            match lines.next() {
                Some(line) => {
                    let line = line.map_err(|cause| unusable(export, cause))?;
                    if let Err(fault) = check.read(&line) {
                        break Err(fault);
                    }
                }
                None => {
                    let (entries, pruned) = (check.entries(), check.pruned());
                    let end = check.finish();
                    break end.map(|(last, found)| (last, entries, pruned, found));
                }
            }
        }
    };
    match verdict {
        Ok((last, entries, pruned, comparison)) => {
            let pruned_text = pruned.as_ref().map(pruned_text).unwrap_or_default();
            let text = format!(
                "The export is intact: {entries} entries, up to entry {last}.{pruned_text}"
            );
            let found = Report {
                entries: Some(entries),
                pruned,
                against: checkpoints.map(|_| comparison),
                ..Report::default()
            };
            print(output, &text, found)
        }
        Err(fault) => {
            let fault = message::export(&fault);
            let report = Report {
                fault: Some(fault.clone()),
                ..Report::default()
            };
            output.print(format!("The export is not intact: {fault}."), &report)?;
            Ok(ExitCode::from(FAILED))
        }
    }
}

/// Prints the result; if no checkpoint could be compared, or an event was forged, it is a failure.
fn print(output: Output, text: &str, found: Report) -> Result<ExitCode, Failure> {
    let fits = |found: &Comparison| found.faults.is_empty() && found.fit + found.pruned > 0;
    let is_forged = found.unsealed.is_some_and(|unsealed| unsealed.rejected > 0);
    let intact = found.broken_at.is_none() && !is_forged && found.against.as_ref().is_none_or(fits);
    let compared = found.against.as_ref().map(comparison_text);
    let report = Report { intact, ..found };
    let text = format!("{text}{}", compared.unwrap_or_default());
    let said = output.print(text, &report)?;
    Ok(if intact { said } else { ExitCode::from(FAILED) })
}

fn comparison_text(found: &Comparison) -> String {
    let line = |fault: &CheckpointFault| {
        let (line, problem) = (fault.line, message::checkpoint(fault.problem));
        match fault.seq {
            Some(seq) => format!("\n  line {line}: the checkpoint of entry {seq} {problem}"),
            None => format!("\n  line {line}: it {problem}"),
        }
    };
    let mut text = format!("\nCheckpoints that match: {}.", found.fit);
    if found.outside > 0 {
        text += &format!(" For entries before the first one here: {}.", found.outside);
    }
    if found.pruned > 0 {
        text += &format!(
            " Pruned, for entries that were removed on purpose: {}.",
            found.pruned
        );
    }
    if !found.faults.is_empty() {
        text += &format!(" That do not match: {}.", found.faults.len());
    }
    text + &found.faults.iter().map(line).collect::<String>()
}

/// The checkpoints in a file. A file without any is an error, because nothing would be compared.
fn checkpoints(keys: &CheckpointKeys, file: &Path) -> Result<Vec<ReadCheckpoint>, Failure> {
    let found = keys.read(&read(file)?);
    if found.is_empty() {
        let none = format!("{} has no checkpoint in it", file.display());
        return Err(Failure::Audit(none));
    }
    Ok(found)
}

fn unusable(path: &Path, cause: io::Error) -> Failure {
    Failure::File {
        path: path.display().to_string(),
        cause,
    }
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(|cause| unusable(path, cause))?;
    Ok(Box::new(BufReader::new(file)))
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    open(path)?
        .read_to_string(&mut text)
        .map_err(|cause| unusable(path, cause))?;
    Ok(text)
}
