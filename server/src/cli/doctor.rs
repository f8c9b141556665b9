//! `latchkey doctor`: looks at everything that usually goes wrong, and says what to do.

mod cookie;

use super::{
    Context, OPERATOR,
    failure::Failure,
    finding::{Findings, Status},
};
use latchkey_domain::{access::service::ServiceName, pagination::ListQuery};
use latchkey_engine::{
    ChainReport, ConflictingHost, DataFault, Engine, MasterKeyLine, inspect_data_dir,
    inspect_master_key,
};
use std::{net::SocketAddr, path::Path, process::ExitCode};
use tokio::net::TcpListener;

pub(super) async fn run(context: &Context) -> Result<ExitCode, Failure> {
    let mut findings = Findings::default();
    for warning in context.config.warnings() {
        findings.add("configuration", Status::Warning, warning);
    }
    addresses(context, &mut findings).await;
    let dir = &context.config.server.data_dir;
    if dir.is_dir() {
        files(context, &mut findings);
    }
    // Looking must not make anything: the engine would, and `restore` would refuse what it made.
    if context.is_new() {
        let message = format!(
            "there is no Latchkey in {} yet: `latchkey serve` begins one, `latchkey restore FILE` brings one back from a backup",
            dir.display()
        );
        findings.add("database", Status::Warning, message);
    } else if dir.is_dir() {
        match context.engine().await {
            Ok(engine) => {
                master_key_lines(&engine, &mut findings).await;
                database(&engine, &mut findings).await;
                services(context, &engine, &mut findings).await;
            }
            Err(failure) => findings.add("database", Status::Failed, failure.to_string()),
        }
    } else {
        let key = context.key_file();
        let message = match key.exists() {
            true => format!(
                "{} is not there, and the master key {} is: if there was data, restore a backup (latchkey restore FILE)",
                dir.display(),
                key.display()
            ),
            false => format!(
                "{} is not there yet; `latchkey serve` makes it",
                dir.display()
            ),
        };
        findings.add("data directory", Status::Warning, message);
    }
    findings.say(context.output)
}

async fn addresses(context: &Context, findings: &mut Findings) {
    let server = &context.config.server;
    let url = &server.public_url;
    match url.is_https() {
        true => findings.add("public URL", Status::Ok, url.url().to_string()),
        false => findings.add(
            "public URL",
            Status::Warning,
            format!(
                "{} is good for trying out on this machine only; others need https",
                url.url()
            ),
        ),
    }
    for (check, address) in [
        ("public port", server.public_addr),
        ("internal port", server.internal_addr),
    ] {
        port(check, address, findings).await;
    }
    if !server.internal_addr.ip().is_loopback() {
        let message = format!(
            "the internal listener waits on {}: let only proxies and services reach it, never browsers",
            server.internal_addr
        );
        findings.add("internal port", Status::Warning, message);
    }
}

async fn port(check: &'static str, address: SocketAddr, findings: &mut Findings) {
    match TcpListener::bind(address).await {
        Ok(_) => findings.add(check, Status::Ok, format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            findings.add(
                check,
                Status::Ok,
                format!("{address} is in use, which is right if Latchkey is running"),
            );
        }
        Err(error) => findings.add(check, Status::Failed, format!("{address}: {error}")),
    }
}

fn files(context: &Context, findings: &mut Findings) {
    let dir = &context.config.server.data_dir;
    mode("data directory", dir, findings);
    match inspect_data_dir(dir) {
        Ok(faults) => {
            for DataFault {
                path,
                is_fatal,
                reason,
            } in faults
            {
                let status = match is_fatal {
                    true => Status::Failed,
                    false => Status::Warning,
                };
                let message = format!("{}: {reason}", path.display());
                findings.add("data directory", status, message);
            }
        }
        Err(error) => findings.add(
            "data directory",
            Status::Failed,
            format!("{} cannot be written: {error}", dir.display()),
        ),
    }
    let key = context.key_file();
    match key.is_file() {
        true => master_key(&key, findings),
        false if context.is_new() => {}
        false => findings.add("master key", Status::Warning, format!("{} is not there: if the database was in use, put its key back; where a first start did not end, the next one makes it", key.display())),
    }
}

fn master_key(key: &Path, findings: &mut Findings) {
    const CHECK: &str = "master key";
    match inspect_master_key(key) {
        Ok(None) => findings.add(CHECK, Status::Ok, key.display().to_string()),
        Ok(Some(fault)) => {
            let status = match fault.is_fatal {
                true => Status::Failed,
                false => Status::Warning,
            };
            findings.add(
                CHECK,
                status,
                format!("{}: {}", key.display(), fault.reason),
            );
        }
        Err(error) => findings.add(CHECK, Status::Failed, format!("{}: {error}", key.display())),
    }
}

/// Which lines of the master key file are still needed.
async fn master_key_lines(engine: &Engine, findings: &mut Findings) {
    const CHECK: &str = "master key";
    let usage = match engine.master_key_usage(&OPERATOR).await {
        Ok(usage) => usage,
        Err(error) => return findings.add(CHECK, Status::Failed, error.to_string()),
    };
    for MasterKeyLine {
        line, needed_by, ..
    } in usage.lines.iter().filter(|line| !line.is_active)
    {
        let message = match needed_by.is_none() {
            true => format!(
                "line {line} is an old key and may be removed: nothing needs it any more (keep it with backups that were made under it)"
            ),
            false => format!(
                "line {line} is an old key and still needed by {needed_by}; `latchkey serve` seals these again, and renews device cookies when their browsers come back"
            ),
        };
        findings.add(CHECK, Status::Ok, message);
    }
    if !usage.unreadable.is_none() {
        let message = format!(
            "{} cannot be read: the line that they need was removed too early; put it back below the first one",
            usage.unreadable
        );
        findings.add(CHECK, Status::Failed, message);
    }
}

/// Whoever reads the database can become anybody.
#[cfg(unix)]
fn mode(check: &'static str, path: &Path, findings: &mut Findings) {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(path).map(|found| found.permissions().mode() & 0o077) {
        Ok(0) => findings.add(check, Status::Ok, path.display().to_string()),
        Ok(_) => findings.add(
            check,
            Status::Failed,
            format!("others can reach {0}; run: chmod go= {0}", path.display()),
        ),
        Err(error) => findings.add(
            check,
            Status::Failed,
            format!("{}: {error}", path.display()),
        ),
    }
}

#[cfg(not(unix))]
fn mode(check: &'static str, path: &Path, findings: &mut Findings) {
    findings.add(check, Status::Ok, path.display().to_string());
}

/// Whether people who sign in are known where they go next.
async fn services(context: &Context, engine: &Engine, findings: &mut Findings) {
    let config = &context.config;
    let own = config
        .server
        .public_url
        .url()
        .host_str()
        .unwrap_or_default();
    match engine.service_hosts(&OPERATOR).await {
        Ok(hosts) => findings
            .items
            .push(cookie::judge(own, config.cookie.domain.as_ref(), &hosts)),
        Err(error) => findings.add("cookie", Status::Failed, error.to_string()),
    }
}

async fn database(engine: &Engine, findings: &mut Findings) {
    // Opening it has migrated it.
    findings.add(
        "database",
        Status::Ok,
        "it answers, and its schema is up to date",
    );
    findings.add(
        "backup",
        Status::Ok,
        "`latchkey backup FILE` makes one at any time; whoever copies files by hand stops Latchkey first, and puts no -wal, -shm or -journal of another database beside the copy",
    );
    match engine.verify_audit_chain(&OPERATOR).await {
        Ok(ChainReport::Intact { entries }) => findings.add(
            "audit log",
            Status::Ok,
            format!("{entries} entries, the chain is intact"),
        ),
        Ok(ChainReport::Broken { seq }) => findings.add(
            "audit log",
            Status::Failed,
            format!("the chain is broken at entry {seq}"),
        ),
        Err(error) => findings.add("audit log", Status::Failed, error.to_string()),
    }
    match engine.conflicting_hosts(&OPERATOR).await {
        Ok(disputed) => {
            for ConflictingHost { host, services } in disputed {
                let services: Vec<_> = services.iter().map(ServiceName::as_str).collect();
                findings.add(
                    "hosts",
                    Status::Failed,
                    format!(
                        "{host} is a host of {}, so nobody gets in there: take it from all but one",
                        services.join(" and ")
                    ),
                );
            }
        }
        Err(error) => findings.add("hosts", Status::Failed, error.to_string()),
    }
    let administrators = ListQuery {
        filter: "admin".to_owned(),
        ..ListQuery::default()
    }
    .bounded();
    match engine.list_users(&OPERATOR, &administrators).await {
        Ok(page) if page.total > 0 => {
            findings.add("administrators", Status::Ok, page.total.to_string())
        }
        Ok(_) => findings.add(
            "administrators",
            Status::Warning,
            "there is none yet; `latchkey serve` prints a link to set one up",
        ),
        Err(error) => findings.add("administrators", Status::Failed, error.to_string()),
    }
}
