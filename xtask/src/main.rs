//! Everything a developer types: `cargo xtask --help` lists it.
//!
//! The build needs no installed tool beyond Rust: wasm-bindgen and the style sheet bundler are
//! libraries of this crate, so the lock file keeps wasm-bindgen's two halves at one version.
//! What the checks need beyond that is installed below `target/xtask` ([`tools`]).

#![forbid(unsafe_code)]

mod api;
mod apt;
mod asvs;
mod bench;
mod book;
mod browser;
mod budget;
mod build;
mod checks;
mod chromium;
mod compress;
mod css;
mod dev;
mod digest;
mod directory;
mod fail2ban;
mod fuzz;
mod http;
mod interrupt;
mod keystroke;
mod locations;
mod mutants;
mod npm;
mod pip;
mod process;
mod profile;
mod proxies;
mod redis;
mod reference;
mod report;
mod sdk;
mod serve;
mod site;
mod smtp;
mod step;
mod test;
mod test_counts;
#[cfg(test)]
mod test_names;
mod test_server;
mod toolchain;
mod tools;
mod wasm;
mod watch;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::{profile::Profile, workspace::Workspace};

/// Build, run, test and measure Latchkey
#[derive(Debug, Parser)]
#[command(
    bin_name = "cargo xtask",
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "Settings are LATCHKEY_* environment variables, for example LATCHKEY_PUBLIC_ADDR=127.0.0.1:4000.\n\
        CHROMIUM=/path/to/chromium chooses the browser for the tests; with PICTURES=1 they save a picture of\n\
        every page in end2end/screenshots."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the one file to deploy: target/release/latchkey, with the site inside
    Build,
    /// Build quickly, then run `latchkey serve` in the workspace's root
    Serve {
        /// Build without optimisation
        #[arg(long)]
        debug: bool,
        #[command(flatten)]
        passed: Passed,
    },
    /// Serve a debug build, and build and restart it whenever a source file changes
    Dev {
        #[command(flatten)]
        passed: Passed,
    },
    /// Build quickly, then serve example data from a temporary directory
    #[command(args_conflicts_with_subcommands = true)]
    Demo {
        #[command(subcommand)]
        part: Option<Demo>,
        #[command(flatten)]
        passed: Passed,
    },
    /// Run every check and test, or one part of them
    Test {
        #[command(subcommand)]
        part: Option<Part>,
    },
    /// Run every fuzz target, one after another
    Fuzz {
        /// How long to run each target
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1440))]
        minutes: u64,
    },
    /// Change what decides in small ways, and fail if no test notices
    Mutants {
        #[command(flatten)]
        passed: Passed,
    },
    /// Write what docs/ generates from the program: settings, commands, proxy configuration and so on
    Reference,
    /// Build docs/ as a book in target/book
    Book,
    /// Measure size, memory, start-up time and the cost of an assessment against their budgets, or the speed of one part
    Bench {
        #[command(subcommand)]
        part: Option<Bench>,
    },
}

#[derive(Debug, Subcommand)]
enum Demo {
    /// Play the life of access tokens in this terminal: a program, a service and Latchkey
    Tokens,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Format, lints, dependencies, licences, spelling, TypeScript
    Lints,
    /// The Rust tests; ARGS go to `cargo test`
    Rust {
        #[command(flatten)]
        passed: Passed,
    },
    /// rustdoc, the generated reference, the book, links
    Docs,
    /// The browser tests with a debug build; ARGS go to `playwright test`
    Browser {
        #[command(flatten)]
        passed: Passed,
    },
    /// The browser tests behind nginx, Caddy, Traefik, HAProxy and Envoy; ARGS go to `playwright test`
    Proxies {
        #[command(flatten)]
        passed: Passed,
    },
    /// The tests of the SDKs (Rust, Python, TypeScript, Go) and the examples, with a debug build
    Sdk,
    /// The browser tests with the file to deploy; ARGS go to `playwright test`
    Release {
        #[command(flatten)]
        passed: Passed,
    },
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// What a verify costs, compared with a bare route of the framework
    Verify {
        #[command(flatten)]
        passed: Passed,
    },
    /// What verifying and issuing an access token costs, compared with its signature
    Tokens,
    /// Whether the time of a response tells who exists, on every form for anybody: takes half an hour, on an idle machine
    Timing,
    /// What a request costs behind each proxy, with and without Latchkey
    Proxies {
        #[command(flatten)]
        passed: Passed,
    },
    /// How often the behavioural matchers take one person for another
    Keystroke {
        /// A table of samples (subject_no, session, rep, then times); without it, typists are generated and their bound is checked
        file: Option<PathBuf>,
        /// Generate typists from this seed
        #[arg(long, value_name = "SEED", conflicts_with = "file")]
        generated: Option<u64>,
        /// Print one line of JSON
        #[arg(long)]
        json: bool,
    },
    /// What comparing a behaviour with that of a user costs
    Behaviour,
    /// What assessing a sign-in costs, against its budget
    Risk,
}

/// Arguments for the program that a command starts.
#[derive(Debug, Args)]
struct Passed {
    /// Passed on
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("\nxtask: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let workspace = &Workspace::find()?;
    match command {
        Command::Build => build::build(workspace, Profile::Release).map(|_| ExitCode::SUCCESS),
        Command::Serve { debug, passed } => serve::serve(workspace, debug, &passed.args),
        Command::Dev { passed } => dev::dev(workspace, &passed.args),
        Command::Demo { part: None, passed } => serve::demo(workspace, &passed.args),
        Command::Demo {
            part: Some(Demo::Tokens),
            ..
        } => serve::demo_tokens(workspace),
        Command::Test { part } => test(workspace, part),
        Command::Fuzz { minutes } => fuzz::fuzz(workspace, minutes),
        Command::Mutants { passed } => mutants::mutants(workspace, &passed.args),
        Command::Reference => reference::write(workspace).map(|()| ExitCode::SUCCESS),
        Command::Book => book::build(workspace).map(|()| ExitCode::SUCCESS),
        Command::Bench { part: None } => bench::bench(workspace),
        Command::Bench {
            part: Some(Bench::Verify { passed }),
        } => bench::verify(workspace, &passed.args),
        Command::Bench {
            part: Some(Bench::Tokens),
        } => bench::tokens(workspace),
        Command::Bench {
            part: Some(Bench::Timing),
        } => bench::timing(workspace),
        Command::Bench {
            part: Some(Bench::Proxies { passed }),
        } => bench::proxies(workspace, &passed.args),
        Command::Bench {
            part:
                Some(Bench::Keystroke {
                    file,
                    generated,
                    json,
                }),
        } => keystroke::bench(file.as_deref(), generated, json),
        Command::Bench {
            part: Some(Bench::Behaviour),
        } => bench::behaviour(workspace),
        Command::Bench {
            part: Some(Bench::Risk),
        } => bench::risk(workspace),
    }
}

fn test(workspace: &Workspace, part: Option<Part>) -> Result<ExitCode> {
    Ok(match part {
        None => test::everything(workspace),
        Some(Part::Lints) => test::lints(workspace),
        Some(Part::Rust { passed }) => test::rust(workspace, &passed.args),
        Some(Part::Docs) => test::docs(workspace),
        Some(Part::Browser { passed }) => test::browser(workspace, Profile::Dev, &passed.args),
        Some(Part::Proxies { passed }) => {
            let args = [&[proxies::TESTS.to_owned()], &*passed.args].concat();
            test::browser(workspace, Profile::Dev, &args)
        }
        Some(Part::Sdk) => test::sdk(workspace),
        Some(Part::Release { passed }) => test::browser(workspace, Profile::Release, &passed.args),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn arguments_are_passed_on_with_and_without_a_separator() {
        for line in [
            "xtask test rust -- --test cli proxy",
            "xtask test rust --test cli proxy",
        ] {
            let cli = Cli::parse_from(line.split(' '));
            let Command::Test {
                part: Some(Part::Rust { passed }),
            } = cli.command
            else {
                panic!("{line}");
            };
            assert_eq!(passed.args, ["--test", "cli", "proxy"]);
        }
        for line in [
            "xtask demo --public-addr [::1]:1",
            "xtask demo -- --public-addr [::1]:1",
        ] {
            let cli = Cli::parse_from(line.split(' '));
            assert!(
                matches!(cli.command, Command::Demo { part: None, passed } if passed.args.len() == 2)
            );
        }
        let cli = Cli::parse_from(["xtask", "serve", "--debug", "--public-addr", "[::1]:1"]);
        assert!(
            matches!(cli.command, Command::Serve { debug: true, passed } if passed.args.len() == 2)
        );
    }
}
