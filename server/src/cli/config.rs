//! `latchkey config …`

use super::{Context, failure::Failure, output::Output, table::Table};
use crate::config::{Effective, key::KEYS};
use clap::Subcommand;
use serde::Serialize;
use std::process::ExitCode;

/// The configuration.
#[derive(Subcommand)]
#[command(disable_help_subcommand = true)]
pub(super) enum Configuration {
    /// Check it, and print the effective settings and their sources
    Check,
    /// Explain every setting
    Help,
}

#[derive(Serialize)]
struct Setting {
    key: &'static str,
    value: String,
    origin: String,
}

#[derive(Serialize)]
struct List<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Explained {
    key: &'static str,
    variable: String,
    default: &'static str,
    help: &'static str,
}

impl Configuration {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Help => help(context.output),
            Self::Check => {
                let setting = |effective: Effective| Setting {
                    key: effective.key,
                    value: effective.value,
                    origin: effective.origin.to_string(),
                };
                let items: Vec<_> = context
                    .config
                    .effective()
                    .into_iter()
                    .map(setting)
                    .collect();
                let mut table = Table::new(["key", "value", "from"]);
                for setting in &items {
                    table.row([
                        setting.key.to_owned(),
                        setting.value.clone(),
                        setting.origin.clone(),
                    ]);
                }
                let advice = context.config.proxy.advice().map(str::to_owned);
                let notes = [context.config.warnings(), advice.as_slice()].concat();
                let below: String = notes.iter().map(|note| format!("\n\n{note}")).collect();
                context
                    .output
                    .print(format_args!("{table}{below}"), &List { items, notes })
            }
        }
    }
}

/// Explains every setting. Needs no valid configuration, because it helps to write one.
pub(super) fn help(output: Output) -> Result<ExitCode, Failure> {
    let mut table = Table::new(["key", "variable", "default", "what it does"]);
    for key in KEYS {
        table.row([
            key.name.to_owned(),
            key.variable(),
            key.default.to_owned(),
            key.help.to_owned(),
        ]);
    }
    let items = KEYS
        .iter()
        .map(|key| Explained {
            key: key.name,
            variable: key.variable(),
            default: key.default,
            help: key.help,
        })
        .collect();
    let note = "In latchkey.toml, write a key with a dot in the section named before the dot. Lists in variables are separated by commas.";
    let list = List {
        items,
        notes: Vec::new(),
    };
    output.print(format_args!("{table}\n\n{note}"), &list)
}
