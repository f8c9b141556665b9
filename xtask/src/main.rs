//! Everything a newcomer types: `cargo xtask build`, `serve`, `dev`, `demo`, `test`, `fuzz`, `bench`.
//!
//! The build needs no installed tool beyond Rust: wasm-bindgen and the style sheet bundler are
//! libraries of this crate, so the lock file keeps wasm-bindgen's two halves at one version.

#![forbid(unsafe_code)]

mod apt;
mod bench;
mod browser;
mod budget;
mod build;
mod chromium;
mod compress;
mod css;
mod dev;
mod fuzz;
mod interrupt;
mod pip;
mod process;
#[cfg(test)]
mod promises;
mod proxies;
mod serve;
mod site;
mod step;
mod tally;
mod test;
mod toolchain;
mod tree;
mod wasm;
mod watch;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use crate::{build::Flavour, workspace::Workspace};

const HELP: &str = "\
cargo xtask <command>

  build                     one file to deploy: target/release/latchkey, with the site inside
  serve [--debug] [ARG…]    build, then run `latchkey serve ARG…` in the workspace's root
  dev [ARG…]                the same, quick build, built and started again on every change
  demo [ARG…]               build, then serve example data from a throw-away directory
  test                      format, lints, Rust tests, docs, then a real browser against the real server
  test rust [-- ARG…]       the Rust tests alone; ARG… goes to `cargo test`
  test browser [-- ARG…]    the browser tests alone; ARG… goes to `playwright test`
  test proxies [-- ARG…]    the browser tests behind nginx, Caddy, Traefik, HAProxy and Envoy alone
  test release [-- ARG…]    the browser tests against the file to deploy
  fuzz [--minutes N]        every fuzz target for N minutes (default 1), one after another
  bench                     size, memory and start-up time against their budgets
  bench verify [ARG…]       what a verify costs beside a bare route of the framework
  bench proxies [ARG…]      what a request costs behind each proxy, asking and plain

Settings are LATCHKEY_* environment variables, for example LATCHKEY_PUBLIC_ADDR=127.0.0.1:4000.
CHROMIUM=/path/to/chromium picks the browser for the tests; with PICTURES=1 they leave a picture of every
page in end2end/screenshots.";

const COMMANDS: [&str; 8] = [
    "build", "serve", "dev", "demo", "test", "fuzz", "bench", "help",
];

/// The status for a command line that makes no sense, as most shells' tools use it.
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    match run(command, rest) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("\nxtask {command}: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, args: &[String]) -> Result<ExitCode> {
    match command {
        "build" if args.is_empty() => {
            build::build(&Workspace::find()?, Flavour::Release)?;
            Ok(ExitCode::SUCCESS)
        }
        "serve" => serve::serve(&Workspace::find()?, args),
        "demo" => serve::demo(&Workspace::find()?, args),
        "dev" => dev::dev(&Workspace::find()?, args),
        "fuzz" => match fuzz::minutes(args) {
            Ok(minutes) => fuzz::fuzz(&Workspace::find()?, minutes),
            Err(wrong) => {
                eprintln!("`cargo xtask fuzz [--minutes N]`: {wrong}");
                Ok(ExitCode::from(WRONG_USAGE))
            }
        },
        "bench" => match args.split_first() {
            None => bench::bench(&Workspace::find()?),
            Some((part, rest)) if part == "verify" => bench::verify(&Workspace::find()?, rest),
            Some((part, rest)) if part == "proxies" => bench::proxies(&Workspace::find()?, rest),
            Some((other, _)) => Ok(wrong_bench(other)),
        },
        "test" => match args.split_first() {
            None => test::everything(&Workspace::find()?),
            Some((part, rest)) => {
                let passed_on = rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest);
                match part.as_str() {
                    "rust" => test::rust(&Workspace::find()?, passed_on),
                    "browser" => test::browser(&Workspace::find()?, Flavour::Dev, passed_on),
                    "proxies" => {
                        let args = [&[proxies::TESTS.to_owned()], passed_on].concat();
                        test::browser(&Workspace::find()?, Flavour::Dev, &args)
                    }
                    "release" => test::browser(&Workspace::find()?, Flavour::Release, passed_on),
                    other => Ok(wrong_part(other)),
                }
            }
        },
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        "build" => {
            eprintln!(
                "`cargo xtask build` takes no arguments; it was given `{}`",
                args.join(" ")
            );
            Ok(ExitCode::from(WRONG_USAGE))
        }
        unknown => Ok(wrong_command(unknown)),
    }
}

fn wrong_command(unknown: &str) -> ExitCode {
    match nearest(unknown, &COMMANDS) {
        Some(near) => eprintln!("There is no `cargo xtask {unknown}`. Did you mean `{near}`?"),
        None => eprintln!("There is no `cargo xtask {unknown}`.\n\n{HELP}"),
    }
    ExitCode::from(WRONG_USAGE)
}

fn wrong_bench(unknown: &str) -> ExitCode {
    eprintln!(
        "There is no `cargo xtask bench {unknown}`: it is `bench`, `bench verify [--devices N] \
         [--services N] [--seconds S] [--rounds N]` or `bench proxies [--seconds S] [--rounds N] [--only PROXY]`."
    );
    ExitCode::from(WRONG_USAGE)
}

fn wrong_part(unknown: &str) -> ExitCode {
    match nearest(unknown, &["rust", "browser", "proxies", "release"]) {
        Some(near) => {
            eprintln!("There is no `cargo xtask test {unknown}`. Did you mean `test {near}`?")
        }
        None => eprintln!(
            "There is no `cargo xtask test {unknown}`: it is `test`, or `test rust [-- ARG…]`, \
             `test browser [-- ARG…]`, `test proxies [-- ARG…]` or `test release [-- ARG…]`."
        ),
    }
    ExitCode::from(WRONG_USAGE)
}

/// The word that was most likely meant, if any comes close.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), *candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        assert_eq!(nearest("biuld", &COMMANDS), Some("build"));
        assert_eq!(nearest("tets", &COMMANDS), Some("test"));
        assert_eq!(nearest("server", &COMMANDS), Some("serve"));
        assert_eq!(nearest("qqq", &COMMANDS), None);
    }
}
