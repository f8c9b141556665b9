//! Where results and errors go, as text or as JSON.
//!
//! What a command found or did can be looked up again: if it cannot be written, that is a failure, unless the reader of
//! a pipe left early (`| head`). What is shown once cannot: it is written first, and made when it was.

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

/// How long a terminal or pipe may take to accept what is shown once. Nobody else can write to the database meanwhile,
/// and they give up after five seconds.
const PATIENCE: Duration = Duration::from_secs(2);

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
    pub(super) fn say(
        self,
        text: impl Display,
        value: &impl Serialize,
    ) -> Result<ExitCode, Failure> {
        self.write(&self.line(text, value))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Prints what is shown once, and then makes it; if it cannot be printed, nothing is made. `told` makes a
    /// [`line`](Self::line) of it.
    pub(super) async fn reveal<T>(
        self,
        unrevealed: UncommittedSecret<'_, T>,
        told: impl FnOnce(&T) -> String,
    ) -> Result<ExitCode, Failure> {
        let line = told(unrevealed.made());
        let (done, written) = oneshot::channel();
        // A thread of its own: the runtime would wait at the end for one that waits for a stopped terminal.
        thread::spawn(move || done.send(write(&line)));
        let written = match timeout(PATIENCE, written).await {
            Ok(Ok(written)) => written,
            Ok(Err(_)) | Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        written.map_err(Failure::NotShown)?;
        unrevealed.commit().await.map_err(Failure::Void)?;
        Ok(ExitCode::SUCCESS)
    }

    /// A result as it is printed: `text` for people, `value` for programs.
    pub(super) fn line(self, text: impl Display, value: &impl Serialize) -> String {
        if self.is_json {
            json(value)
        } else {
            text.to_string()
        }
    }

    /// Prints a line, or several; says whether anybody reads on.
    pub(super) fn write(self, line: &str) -> Result<bool, Failure> {
        match write(line) {
            Ok(()) => Ok(true),
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(cause) => Err(Failure::Output(cause)),
        }
    }

    /// Says something to people, beside the result.
    pub(super) fn note(self, text: impl Display) {
        if !self.is_json {
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Prints an error and gives the exit code that goes with it.
    pub(super) fn fail(self, failure: &Failure) -> ExitCode {
        let message = failure.to_string();
        let line = match (self.is_json, failure) {
            (true, _) => json(&ErrorBody {
                error: failure.word(),
                message,
            }),
            // clap has written "error:" already.
            (false, Failure::Usage(_)) => message,
            (false, _) => format!("error: {message}"),
        };
        let _ = writeln!(io::stderr(), "{}", line.trim_end());
        ExitCode::from(failure.code())
    }
}

fn write(line: &str) -> io::Result<()> {
    // In one piece: whoever reads the last line and leaves has had everything.
    let mut out = io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()
}

fn json(value: &impl Serialize) -> String {
    // Everything that is printed is plain data; the words are for the day something is not.
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
    fn field_9_no_command_makes_a_secret_before_it_is_printed() {
        let cli = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
        for (path, text) in sources(&cli) {
            let is_here = path.ends_with("output.rs");
            assert!(
                is_here || !text.contains(".commit()"),
                "{path}: give it to Output::reveal, which prints it before the commit"
            );
        }
    }
}
