//! The reverse proxies that the browser tests put in front of a service.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{apt, process};

/// Programs; Debian's packages have the same names.
const PROXIES: [&str; 3] = ["nginx", "caddy", "haproxy"];

/// Daemons often lie where only root's `PATH` looks.
const MORE_PLACES: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// The tests of the proxies, by the beginning of their files' names.
pub(crate) const TESTS: &str = "tests/proxies";

/// Sees to it that they are there, and says which are not: their tests are left out, except where
/// `CI` is set, there they fail.
pub(crate) fn prepare() -> Result<()> {
    let missing = || PROXIES.into_iter().filter(|name| find(name).is_none());
    let wanted: Vec<_> = missing().collect();
    if !wanted.is_empty() {
        println!(
            "  {} is not here; trying the distribution's packages.",
            wanted.join(", ")
        );
        apt::install(&wanted)?;
    }
    for name in PROXIES {
        match find(name) {
            Some(path) => println!("  {name} is {}", path.display()),
            None => println!("  {name} is missing: its tests are skipped (in CI they fail)"),
        }
    }
    Ok(())
}

fn find(name: &str) -> Option<PathBuf> {
    process::on_path(name).or_else(|| {
        MORE_PLACES
            .iter()
            .map(|place| Path::new(place).join(name))
            .find(|path| process::is_program(path))
    })
}
