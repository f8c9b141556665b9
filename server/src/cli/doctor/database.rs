//! What is in the database: the audit log, the hosts of services, administrators.

use super::super::{
    OPERATOR,
    finding::{Finding, Findings},
};
use super::DATABASE;
use latchkey_domain::{access::service::ServiceName, pagination::ListQuery};
use latchkey_engine::{ChainReport, ConflictingHost, Engine, PrunedEntries, Unsealed};

pub(super) async fn check(engine: &Engine, findings: &mut Findings) {
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
        Ok(ChainReport::Intact { entries, pruned }) => Finding::ok(
            AUDIT_LOG,
            "chain_intact",
            match pruned {
                Some(PrunedEntries { entries: gone, .. }) => {
                    format!(
                        "{entries} entries, the chain is intact; {gone} older ones were removed"
                    )
                }
                None => format!("{entries} entries, the chain is intact"),
            },
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
