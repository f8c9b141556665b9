//! The management API, called by schemathesis as its OpenAPI document says: no answer may contradict the document, be a server
//! error, or accept what the document forbids.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{pip, process, test_server::TestServer, workspace::Workspace};

/// Its packages, with hashes.
const LIST: &str = "schemathesis.txt";

/// What is no failure, and why.
const CONFIGURATION: &str = "schemathesis.toml";

/// Calls every operation with what fits the document, and with what does not.
pub(crate) fn conformance(workspace: &Workspace, server: &Path) -> Result<()> {
    let version = "import sys; print('{}.{}'.format(*sys.version_info))";
    let version = process::output(Command::new("python3").args(["-c", version]))?;
    let packages = format!("xtask/schemathesis-{}", version.trim());
    let packages = workspace.target().join(packages);
    ensure!(
        pip::install(&workspace.end2end().join(LIST), &packages)?,
        "schemathesis could not be installed: that takes Python 3.11 or newer with pip (Debian: `apt-get install \
         python3-pip`), and PyPI once"
    );
    let server = TestServer::start(server, 0)?;
    server.cli(&["service", "add", "latchkey"])?;
    server.cli(&["service", "add", "photos"])?;
    server.cli(&["user", "add", "ada@example.com"])?;
    let scopes = scopes(&server)?.join(",");
    let client = ["client", "add", "Tester", "--audience", "latchkey"];
    let client = [&client[..], &["--scope", &scopes, "--lifetime", "15m"]].concat();
    let added = server.cli(&client)?;
    let text = |name: &str| {
        added[name]
            .as_str()
            .context("the client has no credentials")
    };
    let token = server.access_token(text("client_id")?, text("client_secret")?)?;
    let url = server.url();
    let mut tests = Command::new("python3");
    process::forget_settings(&mut tests);
    tests
        // Where it keeps what it found.
        .current_dir(&packages)
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(workspace.end2end().join(CONFIGURATION))
        .args(["run", &format!("{url}/api/v1/openapi.json")])
        .args(["--url", &url, "--header", &format!("Authorization: Bearer {token}")])
        // Walking from one answer to the next, it would delete the client that it is.
        .args(["--phases", "coverage,fuzzing", "--max-examples", "20"])
        // Always the same requests, no more than one program may send.
        .args(["--seed", "1", "--rate-limit", "50/s", "--no-color"])
        .args(["--generation-database", "none"])
        .env("PYTHONPATH", packages)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    process::run(&mut tests)
}

/// Every scope, as the document lists them.
fn scopes(server: &TestServer) -> Result<Vec<String>> {
    let document: Value = serde_json::from_str(&server.get("/api/v1/openapi.json")?.body)?;
    let flow = &document["components"]["securitySchemes"]["token"]["flows"]["clientCredentials"];
    let scopes = flow["scopes"].as_object();
    let scopes = scopes.context("the document lists no scopes")?;
    Ok(scopes.keys().cloned().collect())
}
