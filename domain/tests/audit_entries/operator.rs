//! Keys and backups.

use super::{Table, ended, row};
use latchkey_domain::event::*;
use time::macros::{date, datetime};

fn rotated(before: Option<&str>) -> KeyRotated {
    KeyRotated {
        purpose: "identity tokens",
        before: before.map(str::to_owned),
        after: "key-2".to_owned(),
    }
}

fn backup(has_key: bool) -> BackupMade {
    BackupMade {
        file: "latchkey.tar".to_owned(),
        has_key,
    }
}

pub(super) fn table() -> Table {
    vec![
        row(
            rotated(None),
            &["key.rotated | - | identity tokens | - | - | current: key-2"],
        ),
        row(
            rotated(Some("key-1")),
            &["key.rotated | - | identity tokens | - | - | current: key-1 → key-2"],
        ),
        row(
            MasterKeyRotated { resealed: 7 },
            &[
                "key.master_rotated | - | master key | - | 7 values are sealed under the active line | -",
            ],
        ),
        row(
            AuditPruned {
                before: datetime!(2026-01-01 0:00 UTC),
                last: 7,
            },
            &["audit.pruned | - | entries up to 7 | - | older than 2026-01-01 0:00:00.0 UTC | -"],
        ),
        row(
            backup(true),
            &["backup.made | - | latchkey.tar | - | with the master key | -"],
        ),
        row(
            backup(false),
            &["backup.made | - | latchkey.tar | - | without the master key | -"],
        ),
        row(
            BackupRestored {
                made_on: date!(2026 - 11 - 20),
                ended: ended(),
            },
            &[
                "backup.restored | - | the backup of 2026-11-20 | - | ended: 2 sessions, 1 passkey | -",
            ],
        ),
    ]
}
