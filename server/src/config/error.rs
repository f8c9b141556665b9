//! What can be wrong with the configuration: what, where, and what to write instead.

use std::{fmt, path::PathBuf};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// A file.
    File {
        /// Which.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// An argument of the command.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Environment(variable) => f.write_str(variable),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named cannot be read.
    #[error("cannot read {path}: {cause}; name another file with --config, or make this one readable", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{path}, line {line}: {message}", path = path.display())]
    Syntax {
        /// Which.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What TOML says of it.
        message: String,
    },
    /// There is no such setting.
    #[error("unknown key `{key}` in {place}{hint}", hint = hint(nearest.as_ref()))]
    UnknownKey {
        /// As it was written.
        key: String,
        /// In which file and line, or in the environment.
        place: String,
        /// What was probably meant.
        nearest: Option<String>,
    },
    /// The value cannot be used.
    #[error("`{key}` ({origin}) is {shown}: {problem}; {remedy}")]
    Value {
        /// The setting.
        key: &'static str,
        /// Where its value comes from.
        origin: Source,
        /// The value, as it may be shown.
        shown: String,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        remedy: String,
    },
}

fn hint(nearest: Option<&String>) -> String {
    match nearest {
        Some(key) => format!(": did you mean `{key}`?"),
        None => "; `latchkey config help` lists them all".to_owned(),
    }
}
