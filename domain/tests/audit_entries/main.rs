//! What the audit log says of each event. Columns: action, target, name of the target, user who sees the entry, detail,
//! changed fields with their values before and after. The ids are numbers: `user:2` is Ada.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod clients;
mod devices;
#[path = "../entities/mod.rs"]
mod entities;
mod operator;
mod risk;
mod services;
mod users;

use latchkey_domain::{
    audit::event::Action,
    event::{AuditEntry, Ended, Event},
};
use std::collections::{BTreeSet, HashSet};

/// Events with their entries, mostly one.
type Table = Vec<(Event, &'static [&'static str])>;

fn row(
    event: impl Into<Event>,
    entries: &'static [&'static str],
) -> (Event, &'static [&'static str]) {
    (event.into(), entries)
}

/// What ends with a user or device that has a bit of everything.
fn ended() -> Ended {
    Ended::new([(2, "session"), (1, "passkey"), (0, "enrolment link")])
}

fn printed(entry: &AuditEntry) -> String {
    let seen_by = (entry.affected_user).map_or_else(String::new, |user| format!("user:{user}"));
    let changes: Vec<_> = entry.changes.iter().map(ToString::to_string).collect();
    let columns = [
        entry.action.to_string(),
        entry.target.to_string(),
        entry.target_name.clone(),
        seen_by,
        entry.detail.clone(),
        changes.join("; "),
    ];
    let columns = columns.map(|text| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text
        }
    });
    columns
        .join(" | ")
        .replace("00000000-0000-0000-0000-00000000000", "")
}

fn tables() -> impl Iterator<Item = (Event, &'static [&'static str])> {
    let tables = [
        users::table(),
        devices::table(),
        services::table(),
        clients::table(),
        operator::table(),
        risk::table(),
    ];
    tables.into_iter().flatten()
}

/// What the users of these events are told, with the subject.
#[test]
fn audit_43_who_can_sign_in_or_act_as_a_user_is_told_and_nothing_else() {
    let told: BTreeSet<_> = tables()
        .filter_map(|(event, _)| {
            let told = event.notification()?;
            let action = event.entries()[0].action;
            let where_done = if told.done_on.is_some() {
                "elsewhere"
            } else {
                "everywhere"
            };
            Some(format!(
                "{action}: {} “{}” {where_done}",
                told.kind.as_str(),
                told.subject
            ))
        })
        .collect();
    let told: Vec<_> = told.iter().map(String::as_str).collect();
    assert_eq!(told, TOLD);
}

const TOLD: &[&str] = &[
    "device.approval_denied: approval_denied “Firefox on Linux” everywhere",
    "device.approval_granted: approval_granted “Firefox on Linux” elsewhere",
    "device.assessed: other_browser “Laptop” everywhere",
    "device.revoked: device_revoked_in_recovery “Laptop” elsewhere",
    "passkey.added: passkey_added “Key” elsewhere",
    "passkey.removed: passkey_removed “Key” everywhere",
    "recovery.cancelled: recovery_cancelled “Laptop” elsewhere",
    "recovery.codes_made: recovery_codes_made “” elsewhere",
    "recovery.started: recovery_started “Laptop” elsewhere",
    "session.refused: passkey_copied “Key” everywhere",
    "session.signed_in: unusual_sign_in “Laptop” elsewhere",
    "token.family_started: program_approved “Backup” everywhere",
    "totp.confirmed: totp_replaced “” everywhere",
    "totp.paused: codes_locked “” everywhere",
    "totp.removed: totp_removed “” everywhere",
    "user.recovered: recovery_by_operator “” everywhere",
    "user.role_changed: role_changed “admin” everywhere",
];

#[test]
fn audit_12_the_log_says_what_was_done_to_what_and_which_fields_changed() {
    let mut logged = HashSet::new();
    for (event, expected) in tables() {
        let entries = event.entries();
        let rows: Vec<_> = entries.iter().map(printed).collect();
        assert_eq!(rows, expected, "{event:?}");
        logged.extend(entries.into_iter().map(|entry| entry.action));
    }
    for action in Action::ALL {
        assert!(logged.contains(action), "no event here logs {action}");
    }
}
