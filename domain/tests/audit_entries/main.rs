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
use std::collections::HashSet;

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

#[test]
fn audit_12_the_log_says_what_was_done_to_what_and_which_fields_changed() {
    let tables = [
        users::table(),
        devices::table(),
        services::table(),
        clients::table(),
        operator::table(),
        risk::table(),
    ];
    let mut logged = HashSet::new();
    for (event, expected) in tables.into_iter().flatten() {
        let entries = event.entries();
        let rows: Vec<_> = entries.iter().map(printed).collect();
        assert_eq!(rows, expected, "{event:?}");
        logged.extend(entries.into_iter().map(|entry| entry.action));
    }
    for action in Action::ALL {
        assert!(logged.contains(action), "no event here logs {action}");
    }
}
