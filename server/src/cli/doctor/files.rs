//! Whether other users can read or replace the data directory and the master key file.

use super::super::{
    Context,
    finding::{Finding, Findings},
};
use super::{DATA_DIR, MASTER_KEY};
use crate::message::access;
use latchkey_engine::{DataFault, inspect_data_dir, inspect_master_key};
use std::path::Path;

pub(super) fn check(context: &Context, findings: &mut Findings) {
    let dir = &context.config.server.data_dir;
    findings.push(check_mode(dir));
    match inspect_data_dir(dir) {
        Ok(faults) => {
            findings.items.extend(faults.into_iter().map(|fault| {
                let DataFault {
                    path,
                    is_fatal,
                    exposure,
                } = fault;
                let reason = access::exposure(&path, &exposure);
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
            let message = format!("{path}: {}", access::exposure(key, &fault.exposure));
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
