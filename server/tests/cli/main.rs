//! The command line, run as people and scripts run it: arguments in; output and exit code out.

mod harness;

mod configuration;
mod nouns;
mod serve;
