//! Prints results and errors, as text or as JSON.
//!
//! Most results can be looked up again: not being able to write one is a failure, unless the reader of a pipe has
//! closed it (`| head`). A secret that is shown only once cannot: it is committed after it was written.

use super::failure::Failure;
use latchkey_engine::UncommittedSecret;
use serde::Serialize;
use std::{
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
    thread,
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

/// How long a terminal or pipe may take to accept a secret. Its transaction blocks other writers meanwhile, which
/// give up after five seconds.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// Prints results and errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    is_json: bool,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
    message: String,
}

impl Output {
    pub(super) const fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Prints a result: `text` for people, `value` for programs.
    pub(super) fn print(
        self,
        text: impl Display,
        value: &impl Serialize,
    ) -> Result<ExitCode, Failure> {
        self.write(&self.line(text, value))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Prints a secret that is shown only once, and then commits it; if it cannot be printed, nothing is committed.
    /// `to_line` makes a [`line`](Self::line) of it.
    pub(super) async fn reveal<T>(
        self,
        unrevealed: UncommittedSecret<'_, T>,
        to_line: impl FnOnce(&T) -> String,
    ) -> Result<ExitCode, Failure> {
        let line = to_line(unrevealed.made());
        let (done, written) = oneshot::channel();
        // A thread of its own, because the runtime would wait for a blocked write when it shuts down.
        thread::spawn(move || done.send(write(&line)));
        let written = match timeout(WRITE_TIMEOUT, written).await {
            Ok(Ok(written)) => written,
            Ok(Err(_)) | Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        written.map_err(Failure::NotShown)?;
        unrevealed.commit().await.map_err(Failure::Void)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The line that is printed for a result: `text` for people, `value` for programs.
    pub(super) fn line(self, text: impl Display, value: &impl Serialize) -> String {
        if self.is_json {
            json(value)
        } else {
            text.to_string()
        }
    }

    /// Prints one or more lines. Returns whether the reader is still there.
    pub(super) fn write(self, line: &str) -> Result<bool, Failure> {
        match write(line) {
            Ok(()) => Ok(true),
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(cause) => Err(Failure::Output(cause)),
        }
    }

    /// Prints a line of JSON before the result, for programs.
    pub(super) fn write_json(self, value: &impl Serialize) -> Result<(), Failure> {
        if self.is_json {
            self.write(&json(value))?;
        }
        Ok(())
    }

    /// Prints a note for people, besides the result.
    pub(super) fn note(self, text: impl Display) {
        if !self.is_json {
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Prints an error. Returns its exit code.
    pub(super) fn fail(self, failure: &Failure) -> ExitCode {
        let message = failure.to_string();
        let line = match (self.is_json, failure) {
            (true, _) => json(&ErrorBody {
                error: failure.code(),
                message,
            }),
            // It begins with "error:" already, as those of clap do.
            (false, Failure::Usage(_)) => message,
            (false, _) => format!("error: {message}"),
        };
        let _ = writeln!(io::stderr(), "{}", line.trim_end());
        ExitCode::from(failure.exit_code())
    }
}

fn write(line: &str) -> io::Result<()> {
    // In one write: a reader that closes the pipe after the last line has read everything.
    let mut out = io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()
}

fn json(value: &impl Serialize) -> String {
    // Plain data always serializes.
    serde_json::to_string(value)
        .unwrap_or_else(|error| format!("{{\"error\":\"internal\",\"message\":\"{error}\"}}"))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// The sources of the commands, below a directory.
    fn sources(dir: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| match path.is_dir() {
                true => sources(&path),
                false => vec![(
                    path.display().to_string(),
                    fs::read_to_string(path).unwrap(),
                )],
            })
            .collect()
    }

    #[test]
    fn field_9_no_command_commits_a_secret_before_it_is_printed() {
        let cli = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
        for (path, text) in sources(&cli) {
            let is_output = path.ends_with("output.rs");
            assert!(
                is_output || !text.contains(".commit()"),
                "{path}: use Output::reveal, which prints it before the commit"
            );
        }
    }
}
