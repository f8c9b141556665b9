//! The reverse proxies that tests and the benchmark put in front of a service.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{apt, pip, process, workspace::Workspace};

/// Programs; Debian's packages have the same names.
const OF_DEBIAN: [&str; 3] = ["nginx", "caddy", "haproxy"];

/// Programs that stand in [`LIST`].
const OF_PYPI: [&str; 2] = ["traefik", "envoy"];
const LIST: &str = "proxies.txt";

/// Daemons often lie where only root's `PATH` looks.
const MORE_PLACES: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// The tests of the proxies, by the beginning of their files' names.
pub(crate) const TESTS: &str = "tests/proxies";

/// Sees to it that they are there, and says which are not: their tests are left out, except where
/// `CI` is set, there they fail. Returns the `PATH` with all of them.
pub(crate) fn prepare(workspace: &Workspace) -> Result<OsString> {
    let own = workspace.target().join("xtask/proxies");
    // Where Envoy's wheel has it (under `bin` is a script that looks for it elsewhere), and where others put programs.
    let own_places = [own.join("envoy/_bin"), own.join("bin")];
    let find = |name: &str| find(name, &own_places);

    let missing = |names: &[&'static str]| -> Vec<&'static str> {
        let names = names.iter().copied();
        names.filter(|name| find(name).is_none()).collect()
    };
    let wanted = missing(&OF_DEBIAN);
    if !wanted.is_empty() {
        println!(
            "  {} is not here; trying the distribution's packages.",
            wanted.join(", ")
        );
        apt::install(&wanted)?;
    }
    let wanted = missing(&OF_PYPI);
    if !wanted.is_empty() {
        println!("  {} is not here; trying PyPI.", wanted.join(", "));
        pip::install(&workspace.end2end().join(LIST), &own)?;
    }
    for name in OF_DEBIAN.into_iter().chain(OF_PYPI) {
        match find(name) {
            Some(path) => println!("  {name} is {}", path.display()),
            None => println!("  {name} is missing: its tests are skipped (in CI they fail)"),
        }
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let more = MORE_PLACES.iter().map(PathBuf::from).chain(own_places);
    Ok(env::join_paths(env::split_paths(&path).chain(more))?)
}

fn find(name: &str, own_places: &[PathBuf]) -> Option<PathBuf> {
    let more = MORE_PLACES.iter().map(Path::new);
    process::on_path(name).or_else(|| {
        more.chain(own_places.iter().map(PathBuf::as_path))
            .map(|place| place.join(name))
            .find(|path| process::is_program(path))
    })
}
