//! Errors of the configuration: what is wrong, where, and how to fix it.

use std::{fmt, path::PathBuf};

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// It is not set.
    Default,
    /// A file.
    File {
        /// Its path.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A command-line argument.
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
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}; name another file with --config, or make this one readable", path = path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{path}, line {line}: {message}", path = path.display())]
    Syntax {
        /// Its path.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The error of the parser.
        message: String,
    },
    /// There is no such setting.
    #[error("unknown key `{key}` in {place}{hint}", hint = hint(nearest.as_ref()))]
    UnknownKey {
        /// As it was written.
        key: String,
        /// The file and the line, or the environment.
        place: String,
        /// The most similar key.
        nearest: Option<String>,
    },
    /// The value cannot be used.
    #[error("`{key}` ({origin}) is {shown}: {problem}; {remedy}")]
    Value {
        /// The setting.
        key: &'static str,
        /// The source of the value.
        origin: Source,
        /// The value, safe to show.
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
