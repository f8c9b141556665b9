//! What is assessed, and what is said of networks.

use super::{
    Table, devices,
    entities::{NOW, user, uuid},
    row,
};
use latchkey_domain::{
    event::*,
    id::NetworkRuleId,
    identity::device::{AuthMethod, Authentication, Device, DeviceLimit},
    risk::{NetworkRule, NetworkVerdict, RiskNote},
};
use time::{Duration, OffsetDateTime};

fn note(text: &str) -> RiskNote {
    text.parse().unwrap()
}

fn rule(verdict: NetworkVerdict, expires_at: Option<OffsetDateTime>) -> NetworkRule {
    NetworkRule {
        id: NetworkRuleId::from_uuid(uuid(8)),
        range: "198.51.100.0/24".parse().unwrap(),
        verdict,
        created_at: NOW,
        expires_at,
    }
}

fn sign_in(risk: &str) -> (Device, SignedIn) {
    let authentication = Authentication {
        at: NOW,
        method: AuthMethod::Code,
        limit: DeviceLimit::None,
        risk: Some(note(risk)),
        browser: None,
        secret_tag: vec![2],
        expires_at: NOW,
    };
    devices::device(false).sign_in(authentication).unwrap()
}

pub(super) fn table() -> Table {
    let in_a_week = NOW + Duration::days(7);
    vec![
        row(
            sign_in("15 low enforce nothing unusual_time:15").1,
            &[
                "session.signed_in | device:5 | Laptop | user:2 | code | risk: 15 low enforce nothing unusual_time:15",
            ],
        ),
        row(
            sign_in("55 high enforce passkey unusual_location:30 new_device:25").1,
            &[
                "session.signed_in | device:5 | Laptop | user:2 | code | challenge: passkey; risk: 55 high enforce passkey unusual_location:30 new_device:25",
            ],
        ),
        row(
            sign_in("80 held enforce approval blocked_network:80").1,
            &[
                "session.signed_in | device:5 | Laptop | user:2 | code | limited: held; challenge: approval; risk: 80 held enforce approval blocked_network:80",
            ],
        ),
        row(
            sign_in("80 held shadow approval blocked_network:80").1,
            &[
                "session.signed_in | device:5 | Laptop | user:2 | code | risk: 80 held shadow approval blocked_network:80",
            ],
        ),
        row(
            DeviceAssessed {
                ended: Ended::new([(1, "session")]),
                ..(devices::device(false))
                    .assess_return(
                        NOW,
                        note("30 medium enforce authentication unusual_location:30"),
                        None,
                    )
                    .1
            },
            &[
                "device.assessed | device:5 | Laptop | user:2 | ended: 1 session | challenge: authentication; risk: 30 medium enforce authentication unusual_location:30",
            ],
        ),
        row(
            (devices::device(false))
                .assess_return(
                    NOW,
                    note("25 medium enforce authentication other_browser:25"),
                    "chrome/android".parse().ok(),
                )
                .1,
            &[
                "device.assessed | device:5 | Laptop | user:2 | - | challenge: authentication; browser: chrome/android; risk: 25 medium enforce authentication other_browser:25",
            ],
        ),
        row(
            NetworkRuleAdded {
                rule: rule(NetworkVerdict::Block, Some(in_a_week)),
                before: None,
            },
            &[
                "risk.network_added | - | 198.51.100.0/24 | - | - | verdict: block; expires: 2026-11-28T12:00:00Z",
            ],
        ),
        row(
            NetworkRuleAdded {
                rule: rule(NetworkVerdict::Allow, None),
                before: Some(rule(NetworkVerdict::Block, None)),
            },
            &["risk.network_added | - | 198.51.100.0/24 | - | - | verdict: block → allow"],
        ),
        row(
            NetworkRuleRemoved {
                rule: rule(NetworkVerdict::Allow, None),
            },
            &["risk.network_removed | - | 198.51.100.0/24 | - | - | verdict: allow → nothing"],
        ),
        row(
            BaselineErased {
                user: user().named(),
            },
            &["risk.baseline_erased | user:2 | ada@example.com | user:2 | - | -"],
        ),
        row(
            BehaviourExempted {
                user: user().named(),
            },
            &[
                "risk.behaviour_exempted | user:2 | ada@example.com | user:2 | - | typing: compared → exempt",
            ],
        ),
        row(
            BehaviourIncluded {
                user: user().named(),
            },
            &[
                "risk.behaviour_included | user:2 | ada@example.com | user:2 | - | typing: exempt → compared",
            ],
        ),
        row(
            BehaviourPractised {
                user: user().named(),
            },
            &["risk.behaviour_practised | user:2 | ada@example.com | user:2 | - | -"],
        ),
        row(
            BehaviourErased {
                user: user().named(),
            },
            &["risk.behaviour_erased | user:2 | ada@example.com | user:2 | - | -"],
        ),
    ]
}
