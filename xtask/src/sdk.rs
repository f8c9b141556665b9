//! The tests of the SDKs, each with a server of its own: its tests rotate the server's keys and stop it. Without a server, the tests
//! of the Rust SDK are tests of the workspace.

mod fixture;

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};

use self::fixture::Fixture;
use crate::{
    apt, npm, pip, process, test_counts::Counts, test_server::TestServer, workspace::Workspace,
};

const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

const PYTHON: &str = "python";

/// Its documents, and those of the examples.
pub(crate) const DOCUMENTS: [&str; 6] = [
    "examples/README.md",
    "sdk/README.md",
    "sdk/go/README.md",
    "sdk/python/README.md",
    "sdk/rust/README.md",
    "sdk/typescript/README.md",
];

/// The Rust SDK with the server.
pub(crate) fn rust(workspace: &Workspace, server: &Path) -> Result<(Counts, bool)> {
    let list = [
        "package",
        "--list",
        "--allow-dirty",
        "--package",
        "latchkey-client",
    ];
    check_package("Rust", &process::output(&mut workspace.cargo(&list))?)?;
    let fixture = Fixture::start(server)?;
    // With the features that the other tests chose: nothing is compiled a second time.
    let mut cargo = workspace.cargo(&["test", "--workspace", "--test", "sdk", "--", "--ignored"]);
    process::forget_settings(&mut cargo);
    fixture.describe_to(&mut cargo);
    Counts::stream(&mut cargo, Counts::from_cargo)
}

/// The Python SDK, and libraries of others.
pub(crate) fn python(workspace: &Workspace, server: &Path) -> Result<(Counts, bool)> {
    let path = python_path(workspace)?;
    let fixture = Fixture::start(server)?;
    let mut python = test_program("python3", &directory(workspace, PYTHON));
    python
        .args(["-W", "error", "-m", "tests"])
        .env("PYTHONPATH", path)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    fixture.describe_to(&mut python);
    Counts::stream(&mut python, Counts::from_unittest)
}

/// The examples: a service and a program, in Python. They need no test, because they stop at whatever goes otherwise than they say.
pub(crate) fn examples(workspace: &Workspace, server: &Path) -> Result<()> {
    let path = python_path(workspace)?;
    let server = TestServer::start_with(server, 0, &DEMO_LIMITS)?;
    let mut python = test_program("python3", &workspace.root().join("examples/client"));
    python
        .args(["-W", "error", "demo.py"])
        .env("PYTHONPATH", path)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    server.describe_to(&mut python);
    process::run(&mut python)
}

/// So few that a program reaches its limit at once.
const DEMO_LIMITS: [(&str, &str); 3] = [
    ("LATCHKEY_LIMITS_PROGRAM_REQUESTS", "6"),
    ("LATCHKEY_LIMITS_PROGRAM_WINDOW", "10s"),
    ("LATCHKEY_LIMITS_PROGRAM_BURST", "6"),
];

/// Where Python finds the SDK, and what it needs, which is installed in a directory of our own.
fn python_path(workspace: &Workspace) -> Result<OsString> {
    let directory = directory(workspace, PYTHON);
    let version = "import sys; print('{}.{}'.format(*sys.version_info))";
    let version = process::output(Command::new("python3").args(["-c", version]))?;
    // What is compiled is for one version of Python.
    let packages = format!("xtask/sdk-python-{}", version.trim());
    let packages = workspace.target().join(packages);
    ensure!(
        pip::install(&directory.join("requirements.txt"), &packages)?,
        "the packages of PyPI could not be installed: that takes Python 3.11 or newer with pip (Debian: `apt-get install \
         python3-pip`), and PyPI once"
    );
    Ok(env::join_paths([directory.join("src"), packages])?)
}

/// The TypeScript SDK.
pub(crate) fn typescript(workspace: &Workspace, server: &Path) -> Result<(Counts, bool)> {
    let directory = directory(workspace, "typescript");
    npm::install(&directory)?;
    process::run(test_program("npm", &directory).args(["run", "--silent", "build"]))?;
    let pack = ["pack", "--dry-run", "--json", "--ignore-scripts"];
    let packed = process::output(test_program("npm", &directory).args(pack))?;
    ensure!(
        packed.contains("dist/index.js"),
        "the package of TypeScript has no code"
    );
    check_package("TypeScript", &packed)?;
    let mut npm = test_program("npm", &directory);
    npm.args(["run", "--silent", "test"]);
    let fixture = Fixture::start(server)?;
    fixture.describe_to(&mut npm);
    Counts::stream(&mut npm, Counts::from_node)
}

/// The Go SDK.
pub(crate) fn go(workspace: &Workspace, server: &Path) -> Result<(Counts, bool)> {
    const GO: &str = "go";
    let directory = directory(workspace, GO);
    if process::on_path(GO).is_none() {
        println!("  Go is not here; trying the distribution's package.");
        apt::install(&["golang-go"])?;
    }
    ensure!(
        process::on_path(GO).is_some(),
        "Go could not be installed: these tests need Go 1.19 or newer (Debian: `apt-get install golang-go`)"
    );
    let cache = workspace.target().join("xtask/go");
    let go = |args: &[&str]| {
        let mut go = test_program(GO, &directory);
        // The SDK needs nothing but the standard library, so nothing is downloaded.
        go.args(args)
            .env("GOCACHE", &cache)
            .env("GOFLAGS", "-mod=readonly")
            .env("GOPROXY", "off")
            .env("GOTOOLCHAIN", "local");
        go
    };
    process::run(&mut go(&["vet", "."]))?;
    let unformatted = process::output(test_program("gofmt", &directory).args(["-l", "."]))?;
    ensure!(
        unformatted.is_empty(),
        "gofmt would change these files of sdk/go:\n{unformatted}"
    );
    let fixture = Fixture::start(server)?;
    let mut test = go(&["test", "-v", "-count=1", "."]);
    fixture.describe_to(&mut test);
    Counts::stream(&mut test, Counts::from_go)
}

/// Requires that whoever gets a package also gets its licences.
fn check_package(language: &str, files: &str) -> Result<()> {
    for licence in LICENCES {
        ensure!(
            files.contains(licence),
            "the package of {language} has no {licence}"
        );
    }
    Ok(())
}

/// A program that tests an SDK: without settings of whoever starts it, so that it asks no server but the one it is given.
fn test_program(program: impl AsRef<OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    process::forget_settings(&mut command);
    command.current_dir(directory);
    command
}

fn directory(workspace: &Workspace, language: &str) -> PathBuf {
    workspace.root().join("sdk").join(language)
}

#[cfg(test)]
mod tests {
    use super::LICENCES;
    use std::{fs, path::Path};

    #[test]
    fn each_sdk_has_the_licences() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for licence in LICENCES {
            let text = fs::read_to_string(root.join(licence)).unwrap();
            for sdk in ["go", "python", "rust", "typescript"] {
                let copy = root.join("sdk").join(sdk).join(licence);
                assert_eq!(fs::read_to_string(copy).unwrap(), text, "{sdk}");
            }
        }
    }

    #[test]
    fn packages_have_the_version_of_the_workspace() {
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk");
        let version = env!("CARGO_PKG_VERSION");
        for (file, line) in [
            (
                "python/pyproject.toml",
                format!("\nversion = \"{version}\"\n"),
            ),
            (
                "typescript/package.json",
                format!("\n  \"version\": \"{version}\",\n"),
            ),
            (
                "typescript/package-lock.json",
                format!("\n  \"version\": \"{version}\",\n"),
            ),
        ] {
            let text = fs::read_to_string(sdk.join(file)).unwrap();
            assert!(text.contains(&line), "{file}");
        }
    }
}
