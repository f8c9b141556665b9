//! Every change is in the audit log, with what was before and what is after.

mod identity;
mod mails;
mod programs;
mod recovery;
mod risk;
mod services;

use crate::test_engine::{OPERATOR, TestEngine, new_user, origin};
use latchkey_domain::{audit::event::EventView, pagination::ListQuery, risk::Mode};
use latchkey_engine::RiskMode;
use std::{collections::BTreeSet, fs, path::Path};

/// Actions that change no stored value.
const SELF_EXPLAINING: &[&str] = &[
    "token.family_ended",
    "setup.linked",
    "user.invited",
    "user.link_revoked",
    "user.exported",
    "device.registered",
    "device.probed",
    "device.approval_granted",
    "recovery.mail_requested",
    "device.approval_denied",
    "risk.baseline_erased",
    "risk.behaviour_practised",
    "risk.behaviour_erased",
    "session.signed_in",
    "session.refused",
    "token.denied",
    "mail.retried",
    "mail.discarded",
    "service.token_rotated",
];

/// The engine's public methods that open a change, as its sources have them.
fn changing_methods() -> BTreeSet<String> {
    fn read(dir: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            // Up to the next function of the same `impl`.
            for part in text.split("\n    pub async fn ").skip(1) {
                let end = [
                    "\n    pub ",
                    "\n    async fn ",
                    "\n    fn ",
                    "\n    pub(crate) ",
                    "\n}\n",
                ]
                .iter()
                .filter_map(|next| part.find(next))
                .min()
                .unwrap_or(part.len());
                // A change that cannot be cancelled begins in a step of its own.
                let opens = [".begin(", ".begin_sign_in(", "uncancelled("];
                // A plain transaction writes no entry.
                let body = part[..end].replace("permit.begin()", "");
                if opens.iter().any(|call| body.contains(call)) {
                    let name = part.split(['(', '<']).next().unwrap();
                    found.insert(name.to_owned());
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    found
}

struct Log<'w> {
    test: &'w TestEngine,
    last: i64,
    seen: BTreeSet<String>,
}

impl<'w> Log<'w> {
    fn new(test: &'w TestEngine) -> Self {
        Self {
            test,
            last: 0,
            seen: BTreeSet::new(),
        }
    }

    async fn news(&mut self) -> Vec<EventView> {
        let newest = self
            .test
            .engine
            .list_events(&OPERATOR, &ListQuery::default())
            .await
            .unwrap();
        let last = self.last;
        self.last = newest.items.first().map_or(0, |event| event.seq);
        newest
            .items
            .into_iter()
            .filter(|event| event.seq > last)
            .collect()
    }

    /// The log's entries since the last call, and the fields that changed.
    async fn says(&mut self, method: &str) {
        let news = self.news().await;
        assert!(!news.is_empty(), "{method} left nothing in the log");
        for event in &news {
            assert!(
                !event.changes.is_empty() || SELF_EXPLAINING.contains(&&*event.action),
                "{method}: {} does not say what changed",
                event.action
            );
            assert!(
                !event.target_name.is_empty()
                    || matches!(
                        &*event.action,
                        "setup.linked"
                            | "session.refused"
                            | "device.revoked"
                            | "session.signed_out"
                            | "device.weakened"
                    ),
                "{method}: {} names nothing",
                event.action
            );
        }
        self.seen.insert(method.to_owned());
    }
}

#[tokio::test]
async fn audit_12_every_changing_method_is_logged() {
    let test = TestEngine::with(|settings| {
        settings.sends_mail = true;
        settings.recovery_confirms_by_mail = true;
        settings.risk.mode = RiskMode::Fixed(Mode::Enforce);
        settings.risk.behaviour = true;
    })
    .await;
    let mut log = Log::new(&test);
    let (engine, origin) = (&test.engine, &origin());
    let (ada_id, ada, uri) = identity::add_users(&mut log, &test).await;
    identity::change_passkeys_and_devices(&mut log, &test, (ada, &uri)).await;
    services::add(&mut log, &test).await;
    let hopper = programs::come_and_go(&mut log, &test).await;
    services::remove(&mut log, &test, &hopper).await;
    identity::define_roles(&mut log, &test).await;
    mails::retry_and_discard(&mut log, &test).await;
    recovery::recover_and_cancel(&mut log, &test).await;
    risk::block_and_return(&mut log, &test).await;
    identity::end_sessions(&mut log, &test).await;
    engine
        .seed_users(&OPERATOR, &[new_user("eve@example.com")], 1, &[])
        .await
        .unwrap();
    log.says("seed_users").await;
    identity::copy_and_erase(&mut log, &test).await;
    engine.delete_user(&OPERATOR, ada_id, origin).await.unwrap();
    log.says("delete_user").await;

    assert_eq!(log.seen, changing_methods());
}
