//! `latchkey`: see [`latchkey::cli`].
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    latchkey::cli::run(std::env::args_os(), std::env::vars_os())
}
