//! `latchkey doctor`: checks this installation, and says how to fix what is wrong.

mod cookie;
mod master_key;

use super::{
    Context, OPERATOR,
    failure::Failure,
    finding::{Finding, Findings},
};
use latchkey_domain::{access::service::ServiceName, pagination::ListQuery};
use latchkey_engine::{
    ChainReport, ConflictingHost, DataFault, Engine, Unsealed, inspect_data_dir, inspect_master_key,
};
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
        check_files(context, &mut findings);
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
                check_database(&engine, &mut findings).await;
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

fn check_files(context: &Context, findings: &mut Findings) {
    let dir = &context.config.server.data_dir;
    findings.push(check_mode(dir));
    match inspect_data_dir(dir) {
        Ok(faults) => {
            findings.items.extend(faults.into_iter().map(|fault| {
                let DataFault {
                    path,
                    is_fatal,
                    reason,
                } = fault;
                let message = format!("{}: {reason}", path.display());
                fault_finding(DATA_DIR, "data_dir_unsafe", is_fatal, message)
            }));
        }
        Err(error) => findings.push(Finding::failed(
            DATA_DIR,
            "data_dir_not_writable",
            format!("{} cannot be written: {error}", dir.display()),
        )),
    }
    let key = context.key_file();
    match key.is_file() {
        true => findings.push(check_master_key(&key)),
        false if context.is_new() => {}
        false => findings.push(Finding::warning(
            MASTER_KEY,
            "master_key_missing",
            format!(
                "{} does not exist: if the database was in use, put its key back; after an interrupted first start, the next start creates it",
                key.display()
            ),
        )),
    }
}

fn check_master_key(key: &Path) -> Finding {
    let path = key.display();
    match inspect_master_key(key) {
        Ok(None) => Finding::ok(MASTER_KEY, "master_key_ok", path.to_string()),
        Ok(Some(fault)) => {
            let message = format!("{path}: {}", fault.reason);
            fault_finding(MASTER_KEY, "master_key_unsafe", fault.is_fatal, message)
        }
        Err(error) => Finding::failed(
            MASTER_KEY,
            "master_key_unreadable",
            format!("{path}: {error}"),
        ),
    }
}

fn fault_finding(
    check: &'static str,
    code: &'static str,
    is_fatal: bool,
    message: String,
) -> Finding {
    match is_fatal {
        true => Finding::failed(check, code, message),
        false => Finding::warning(check, code, message),
    }
}

/// Anyone who can read the database can impersonate every user.
#[cfg(unix)]
fn check_mode(dir: &Path) -> Finding {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.display();
    match std::fs::metadata(dir).map(|metadata| metadata.permissions().mode() & 0o077) {
        Ok(0) => Finding::ok(DATA_DIR, "data_dir_private", path.to_string()),
        Ok(_) => Finding::failed(
            DATA_DIR,
            "data_dir_shared",
            format!("other users can access {path}; run: chmod go= {path}"),
        ),
        Err(error) => Finding::failed(
            DATA_DIR,
            "data_dir_not_readable",
            format!("{path}: {error}"),
        ),
    }
}

#[cfg(not(unix))]
fn check_mode(dir: &Path) -> Finding {
    Finding::ok(DATA_DIR, "data_dir_private", dir.display().to_string())
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

async fn check_database(engine: &Engine, findings: &mut Findings) {
    // Opening it has migrated it.
    findings.push(Finding::ok(
        DATABASE,
        "database_ok",
        "it can be opened, and its schema is up to date",
    ));
    findings.push(Finding::ok(
        "backup",
        "backup_hint",
        "`latchkey backup FILE` makes one at any time; to copy files by hand, stop Latchkey first, and put no -wal, -shm or -journal file of another database beside the copy",
    ));
    const AUDIT_LOG: &str = "audit log";
    findings.push(match engine.verify_audit_chain(&OPERATOR).await {
        Ok(ChainReport::Intact { entries }) => Finding::ok(
            AUDIT_LOG,
            "chain_intact",
            format!("{entries} entries, the chain is intact"),
        ),
        Ok(ChainReport::Broken { seq }) => Finding::failed(
            AUDIT_LOG,
            "chain_broken",
            format!("the chain is broken at entry {seq}"),
        ),
        Err(error) => Finding::failed(AUDIT_LOG, "database_error", error.to_string()),
    });
    match engine.unsealed_events(&OPERATOR).await {
        Ok(Unsealed { rejected: 1.., .. }) => findings.push(Finding::failed(
            AUDIT_LOG,
            "unsealed_events_rejected",
            "there are events beside the chain without a valid tag: another program wrote them, or their master key was removed; `latchkey audit verify` counts them".to_owned(),
        )),
        Ok(_) => {}
        Err(error) => {
            findings.push(Finding::failed(AUDIT_LOG, "database_error", error.to_string()));
        }
    }
    match engine.conflicting_hosts(&OPERATOR).await {
        Ok(conflicts) => findings
            .items
            .extend(conflicts.iter().map(conflicting_host)),
        Err(error) => {
            findings.push(Finding::failed(
                "hosts",
                "database_error",
                error.to_string(),
            ));
        }
    }
    const ADMINISTRATORS: &str = "administrators";
    let administrators = ListQuery {
        filter: "admin".to_owned(),
        ..ListQuery::default()
    }
    .bounded();
    findings.push(match engine.list_users(&OPERATOR, &administrators).await {
        Ok(page) if page.total > 0 => Finding::ok(
            ADMINISTRATORS,
            "administrator_exists",
            page.total.to_string(),
        ),
        Ok(_) => Finding::warning(
            ADMINISTRATORS,
            "no_administrator",
            "there is none yet; `latchkey serve` prints a link to set one up",
        ),
        Err(error) => Finding::failed(ADMINISTRATORS, "database_error", error.to_string()),
    });
}

fn conflicting_host(ConflictingHost { host, services }: &ConflictingHost) -> Finding {
    let services: Vec<_> = services.iter().map(ServiceName::as_str).collect();
    Finding::failed(
        "hosts",
        "host_conflict",
        format!(
            "{host} is a host of {}, so every request there is denied: remove it from all but one",
            services.join(" and ")
        ),
    )
}
