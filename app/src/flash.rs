//! What one response leaves for the next page: the result of a form, shown beside the form.
//!
//! Travels in a sealed cookie that the server makes and clears, so that a form works without
//! script: post, redirect, get. Because it is sealed, nobody else can choose what is shown. A long text that
//! was typed on a device of ours waits on the server for the hour that its sender may take to sign in.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The result of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Which form, by the path of its server function: `/actions/device/rename`.
    pub form: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was typed, so that nothing is lost; never a code or a secret.
    pub typed: BTreeMap<String, String>,
    /// Whether what was typed is too long for the cookie and lies on the server.
    #[serde(default)]
    pub is_kept: bool,
}

/// How a form ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done; what to say.
    Done(String),
    /// It was done, and here is something that is shown this once.
    Reveal {
        /// What was done, and how long the secret lives.
        text: String,
        /// What it is, such as "Service token".
        label: String,
        /// The secret.
        secret: String,
    },
    /// It was done, and here are recovery codes, which are shown this once.
    Codes {
        /// What was done.
        text: String,
        /// The codes.
        codes: Vec<String>,
    },
    /// It was not done.
    Failed {
        /// The field at fault, if it is one.
        field: Option<String>,
        /// What is wrong and what to do.
        message: String,
    },
}
