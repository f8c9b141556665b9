//! What is logged, and how.

use super::{error::ConfigError, values::Values};

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Only our own faults.
    Error,
    /// Also what an operator should look at.
    Warn,
    /// Also each request of a browser.
    Info,
    /// Also each question of a proxy, and what only a developer wants.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// The word in the configuration.
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
    /// How a line looks.
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
