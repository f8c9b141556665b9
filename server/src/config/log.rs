//! The log.

use super::{error::ConfigError, values::Values};

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

/// The log.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    /// The format of lines.
    pub format: Format,
    /// How much is logged.
    pub level: Level,
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
        Ok(Self { format, level })
    }
}
