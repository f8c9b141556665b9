//! The log: one line per event, to standard error, the journal or syslog.
//!
//! It never contains secrets, codes, cookies or paths of links. It contains names and addresses that users chose, so
//! control characters are replaced: nobody can forge a line (Keycloak GHSA-j628).

#[cfg(unix)]
mod system_log;

#[cfg(unix)]
use crate::config::log::Output;
use crate::config::log::{Format, Level, Log};
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;

/// Starts the log. Further calls change nothing.
pub(crate) fn start(log: &Log) {
    #[cfg(unix)]
    if log.output != Output::Stderr {
        return match system_log::SystemLog::new(log.output, log.socket.clone()) {
            Ok(system) => start_with(log, system),
            Err(_) => start_on_stderr(log),
        };
    }
    start_on_stderr(log);
}

/// In the journal or syslog, which have times of their own.
#[cfg(unix)]
fn start_with(log: &Log, system: system_log::SystemLog) {
    let events = tracing_subscriber::fmt()
        .with_env_filter(filter(log.level))
        .with_ansi(false)
        .without_time()
        .with_writer(system);
    // Only a further call fails.
    let _ = match log.format {
        Format::Text => events.try_init(),
        Format::Json => events.json().try_init(),
    };
}

fn start_on_stderr(log: &Log) {
    let writer = || OneLine(io::stderr());
    let events = tracing_subscriber::fmt()
        .with_env_filter(filter(log.level))
        .with_ansi(false)
        .with_writer(writer);
    // Only a further call fails.
    let _ = match log.format {
        Format::Text => events.try_init(),
        Format::Json => events.json().try_init(),
    };
}

/// Other crates log from `warn` upwards: below, they may log requests and statements.
fn filter(level: Level) -> EnvFilter {
    let own = [
        "latchkey",
        "latchkey_app",
        "latchkey_domain",
        "latchkey_engine",
        "latchkey_migrations",
    ];
    let others = if level == Level::Error {
        "error"
    } else {
        "warn"
    };
    let directives: Vec<_> = own
        .iter()
        .map(|name| format!("{name}={}", level.as_str()))
        .collect();
    // Checkpoints of the audit log must reach the system's log at the default level too.
    let audit = if level == Level::Error {
        "error"
    } else {
        "info"
    };
    // It warns of every session cookie that has ended, which anybody can send; what fails is logged by us.
    let sessions = "tower_sessions_core=off";
    let ours = directives.join(",");
    EnvFilter::new(format!("{others},{sessions},audit={audit},{ours}"))
}

/// Replaces control characters in an event by `?`, except the line break at its end.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let (line, end) = match event.split_last() {
            Some((b'\n', line)) => (line, &b"\n"[..]),
            _ => (event, &b""[..]),
        };
        let shown = |byte: &u8| {
            if byte.is_ascii_control() && *byte != b'\t' {
                b'?'
            } else {
                *byte
            }
        };
        let bytes: Vec<u8> = line.iter().map(shown).chain(end.iter().copied()).collect();
        self.0.write_all(&bytes)?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r12_an_event_is_one_line_whatever_is_in_it() {
        let mut out = OneLine(Vec::new());
        out.write_all("WARN name=Ada\r\nERROR forged\u{1b}[31m Ü\n".as_bytes())
            .unwrap();
        assert_eq!(
            String::from_utf8(out.0).unwrap(),
            "WARN name=Ada??ERROR forged?[31m Ü\n"
        );
    }
}
