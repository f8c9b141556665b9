//! The log.

use super::{error::ConfigError, values::Values};
use std::path::PathBuf;

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Internal errors only.
    Error,
    /// Also what needs the operator's attention.
    Warn,
    /// Also each public request.
    Info,
    /// Also each internal request, and details for developers.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// Where the log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Standard error.
    Stderr,
    /// The journal of systemd, by its native protocol.
    Journald,
    /// A local syslog daemon.
    Syslog,
}

impl Output {
    /// Its socket, unless another is named.
    const fn socket(self) -> &'static str {
        match self {
            Self::Stderr => "",
            Self::Journald => "/run/systemd/journal/socket",
            Self::Syslog => "/dev/log",
        }
    }
}

/// The log.
#[derive(Debug, Clone)]
pub struct Log {
    /// The format of lines.
    pub format: Format,
    /// How much is logged.
    pub level: Level,
    /// Where it goes.
    pub output: Output,
    /// To which socket, unless it is standard error.
    pub socket: PathBuf,
}

impl Log {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let format = match values.text("log.format") {
            "text" => Format::Text,
            "json" => Format::Json,
            other => {
                return Err(values.refuse(
                    "log.format",
                    other,
                    "there is no such format",
                    "write text or json",
                ));
            }
        };
        let level = match values.text("log.level") {
            "error" => Level::Error,
            "warn" => Level::Warn,
            "info" => Level::Info,
            "debug" => Level::Debug,
            "trace" => Level::Trace,
            other => {
                return Err(values.refuse(
                    "log.level",
                    other,
                    "there is no such level",
                    "write error, warn, info, debug or trace",
                ));
            }
        };
        let output = match values.text("log.output") {
            "stderr" => Output::Stderr,
            "journald" if cfg!(unix) => Output::Journald,
            "syslog" if cfg!(unix) => Output::Syslog,
            other => {
                return Err(values.refuse(
                    "log.output",
                    other,
                    "the log cannot go there",
                    "write stderr, journald or syslog",
                ));
            }
        };
        let socket = values.path("log.socket");
        Ok(Self {
            format,
            level,
            output,
            socket: socket.unwrap_or_else(|| output.socket().into()),
        })
    }
}
