//! Asks for confirmation before something is deleted. Scripts are not asked.

use super::failure::Failure;
use std::io::{self, IsTerminal, Write};

/// Asks on a terminal, unless `yes` is set.
pub(super) fn ask(yes: bool, question: &str) -> Result<(), Failure> {
    if yes || !io::stdin().is_terminal() {
        return Ok(());
    }
    let mut answer = String::new();
    let _ = write!(io::stderr(), "{question} [y/N] ").and_then(|()| io::stderr().flush());
    match io::stdin().read_line(&mut answer) {
        Ok(_) if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") => Ok(()),
        _ => Err(Failure::NotConfirmed),
    }
}
