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
        "{} cannot be read: the line that they need was removed; put it back below the first one",
        uses(&unreadable)
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
                "line {number} is an old key and still needed by {}; `latchkey serve` seals these again, and renews device cookies when their browsers come back",
                uses(&needed_by)
            ),
        ),
    }
}

/// What is under a key: "12 TOTP secrets, 3 device cookies".
fn uses(found: &KeyUse) -> String {
    let counts = [
        (found.totp_secrets, "TOTP secret", "TOTP secrets"),
        (
            found.subjects,
            "pseudonymous subject",
            "pseudonymous subjects",
        ),
        (found.keys, "stored key", "stored keys"),
        (found.saved_requests, "saved request", "saved requests"),
        (found.baselines, "baseline of a user", "baselines of users"),
        (
            found.behaviour_templates,
            "template of a user's typing",
            "templates of users' typing",
        ),
        (found.mails, "mail", "mails"),
        (found.device_cookies, "device cookie", "device cookies"),
        (
            found.unsealed_events,
            "unsealed audit event",
            "unsealed audit events",
        ),
    ];
    let counted = counts
        .into_iter()
        .filter_map(|(count, one, more)| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {more}")),
        });
    let mut parts: Vec<_> = counted.collect();
    if found.newest_entry {
        parts.push("the newest audit log entry".to_owned());
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_a_key_is_counted_by_kind() {
        let found = KeyUse {
            totp_secrets: 1,
            subjects: 2,
            device_cookies: 1,
            newest_entry: true,
            ..KeyUse::default()
        };
        assert_eq!(
            uses(&found),
            "1 TOTP secret, 2 pseudonymous subjects, 1 device cookie, the newest audit log entry"
        );
    }
}
