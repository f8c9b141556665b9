//! The decision alone: `cargo bench -p latchkey-domain`.

use divan::{Bencher, black_box};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, Scopes},
    access::rule::Rules,
    access::service::{Policy, RiskPolicy},
    access::verify::{AccessGrantFacts, DeviceFacts, Facts, ServiceFacts, UserFacts, decide},
    id::{DeviceId, ServiceId, UserId},
    identity::user::Role,
    request::path::RequestPath,
    risk::DeviceRisk,
};
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn main() {
    divan::main();
}

fn granted() -> Facts {
    let service = ServiceId::from_uuid(Uuid::from_u128(3));
    Facts {
        device: Some(DeviceFacts {
            id: DeviceId::from_uuid(Uuid::from_u128(1)),
            user_id: UserId::from_uuid(Uuid::from_u128(2)),
            is_active: true,
            expires_at: NOW + Duration::DAY,
            passkey_verified_at: None,
            is_recovering: false,
            is_challenged: false,
            risk: DeviceRisk::NONE,
        }),
        owner: Some(UserFacts {
            role: Role::Member,
            is_disabled: false,
        }),
        caller: Some(service),
        service: Some(ServiceFacts {
            id: service,
            policy: Policy::default(),
            risk: RiskPolicy::default(),
        }),
        grant: Some(AccessGrantFacts {
            scopes: Scopes::ALL,
            origin: AccessGrantOrigin::Explicit,
            expires_at: None,
            has_subject: true,
        }),
    }
}

#[divan::bench]
fn a_grant(bencher: Bencher<'_, '_>) {
    let facts = granted();
    bencher.bench(|| decide(black_box(&facts), NOW));
}

#[divan::bench]
fn nobody(bencher: Bencher<'_, '_>) {
    let facts = Facts {
        device: None,
        ..granted()
    };
    bencher.bench(|| decide(black_box(&facts), NOW));
}

#[divan::bench]
fn a_path_by_ten_rules(bencher: Bencher<'_, '_>) {
    let rules = (0..9).fold("public /assets/*\n".to_owned(), |rules, number| {
        format!("{rules}admins /settings/{number}/*\n")
    });
    let (Ok(rules), target) = (Rules::parse(&rules), "/photos/2026/11/21?size=large") else {
        return;
    };
    bencher.bench(|| {
        let path = RequestPath::parse(black_box(target));
        path.map(|path| rules.audience("GET", &path))
    });
}
