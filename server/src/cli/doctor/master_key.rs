//! Which lines of the master key file are still needed.

use super::super::{
    OPERATOR,
    finding::{Finding, Findings},
};
use super::MASTER_KEY;
use latchkey_engine::{Engine, KeyUse, MasterKeyLine};

pub(super) async fn check_lines(engine: &Engine, findings: &mut Findings) {
    let usage = match engine.master_key_usage(&OPERATOR).await {
        Ok(usage) => usage,
        Err(error) => {
            return findings.push(Finding::failed(
                MASTER_KEY,
                "master_key_usage_unknown",
                error.to_string(),
            ));
        }
    };
    let old = usage.lines.iter().filter(|line| !line.is_active);
    findings.items.extend(old.map(old_line));
    if !usage.unreadable.is_none() {
        findings.push(unreadable(usage.unreadable));
    }
}

fn unreadable(unreadable: KeyUse) -> Finding {
    let device_cookies = KeyUse {
        device_cookies: unreadable.device_cookies,
        ..KeyUse::default()
    };
    let message = format!(
        "{unreadable} cannot be read: the line that they need was removed; put it back below the first one"
    );
    match unreadable == device_cookies {
        // Nothing is lost: these devices register again.
        true => Finding::warning(MASTER_KEY, "master_key_removed_early", message),
        false => Finding::failed(MASTER_KEY, "master_key_removed_early", message),
    }
}

fn old_line(line: &MasterKeyLine) -> Finding {
    let (number, needed_by) = (line.line, line.needed_by);
    match needed_by.is_none() {
        true => Finding::ok(
            MASTER_KEY,
            "old_master_key_unused",
            format!(
                "line {number} is an old key and may be removed a day after the rotation: nothing stored needs it any more, but an enrolment that was under way may (keep it with backups that were made under it)"
            ),
        ),
        false => Finding::ok(
            MASTER_KEY,
            "old_master_key_needed",
            format!(
                "line {number} is an old key and still needed by {needed_by}; `latchkey serve` seals these again, and renews device cookies when their browsers come back"
            ),
        ),
    }
}
