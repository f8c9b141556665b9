//! `latchkey doctor`: checks this installation, and says how to fix what is wrong.

mod cookie;
mod database;
mod files;
mod master_key;
mod redis;

use super::{
    Context, OPERATOR,
    failure::Failure,
    finding::{Finding, Findings},
};
use latchkey_engine::Engine;
use std::{io::ErrorKind, net::SocketAddr, path::Path, process::ExitCode};
use tokio::net::TcpListener;

const DATABASE: &str = "database";
const DATA_DIR: &str = "data directory";
const MASTER_KEY: &str = "master key";

pub(super) async fn run(context: &Context) -> Result<ExitCode, Failure> {
    let mut findings = Findings::default();
    for warning in context.config.warnings() {
        findings.push(Finding::warning(
            "configuration",
            "unknown_variable",
            warning,
        ));
    }
    check_addresses(context, &mut findings).await;
    let dir = &context.config.server.data_dir;
    if dir.is_dir() {
        files::check(context, &mut findings);
    }
    // A check must not create data: the engine would, and `restore` would then refuse to run.
    if context.is_new() {
        let message = format!(
            "there is no Latchkey in {} yet: start one with `latchkey serve`, or restore a backup with `latchkey restore FILE`",
            dir.display()
        );
        findings.push(Finding::warning(DATABASE, "no_data", message));
    } else if dir.is_dir() {
        match context.engine().await {
            Ok(engine) => {
                master_key::check_lines(&engine, &mut findings).await;
                database::check(&engine, &mut findings).await;
                redis::check(&engine, &mut findings).await;
                check_cookie(context, &engine, &mut findings).await;
            }
            Err(failure) => findings.push(Finding::failed(
                DATABASE,
                "database_not_opened",
                failure.to_string(),
            )),
        }
    } else {
        findings.push(missing_data_dir(dir, &context.key_file()));
    }
    findings.print(context.output)
}

fn missing_data_dir(dir: &Path, key: &Path) -> Finding {
    let dir = dir.display();
    match key.exists() {
        true => Finding::warning(
            DATA_DIR,
            "data_dir_lost",
            format!(
                "{dir} does not exist, but the master key {} does: if there was data, restore a backup (latchkey restore FILE)",
                key.display()
            ),
        ),
        false => Finding::warning(
            DATA_DIR,
            "data_dir_missing",
            format!("{dir} does not exist yet; `latchkey serve` creates it"),
        ),
    }
}

async fn check_addresses(context: &Context, findings: &mut Findings) {
    let server = &context.config.server;
    let url = server.public_url.url();
    const PUBLIC_URL: &str = "public URL";
    findings.push(match server.public_url.is_https() {
        true => Finding::ok(PUBLIC_URL, "https", url.as_str()),
        false => Finding::warning(
            PUBLIC_URL,
            "localhost_only",
            format!("{url} works on this machine only; other machines need https"),
        ),
    });
    const INTERNAL_PORT: &str = "internal port";
    findings.push(check_port("public port", server.public_addr).await);
    findings.push(check_port(INTERNAL_PORT, server.internal_addr).await);
    if !server.internal_addr.ip().is_loopback() {
        let message = format!(
            "the internal listener is on {}: make sure that only proxies and services reach it, never browsers",
            server.internal_addr
        );
        findings.push(Finding::warning(
            INTERNAL_PORT,
            "internal_not_loopback",
            message,
        ));
    }
}

async fn check_port(check: &'static str, address: SocketAddr) -> Finding {
    match TcpListener::bind(address).await {
        Ok(_) => Finding::ok(check, "port_free", format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::ok(
            check,
            "port_in_use",
            format!("{address} is in use, as it should be while Latchkey runs"),
        ),
        Err(error) => Finding::failed(check, "port_unusable", format!("{address}: {error}")),
    }
}

/// Whether users who sign in are recognized at the services.
async fn check_cookie(context: &Context, engine: &Engine, findings: &mut Findings) {
    let config = &context.config;
    let own = config
        .server
        .public_url
        .url()
        .host_str()
        .unwrap_or_default();
    findings.push(match engine.service_hosts(&OPERATOR).await {
        Ok(hosts) => cookie::check(own, config.cookie.domain.as_ref(), &hosts),
        Err(error) => Finding::failed("cookie", "database_error", error.to_string()),
    });
}
