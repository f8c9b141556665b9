//! Ada, her passkey, and the service `photos` to which she has a grant.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use latchkey_domain::{
    access::{
        access_grant::{AccessGrant, AccessGrantOrigin, Scopes},
        rule::Rules,
        service::{Policy, RiskPolicy, Service, ServiceName, ServiceToken},
    },
    event::GrantNames,
    id::{AccessGrantId, DeviceId, PasskeyId, ServiceId, UserId},
    identity::{
        email::Email,
        passkey::Passkey,
        user::{Role, User},
    },
    name::DisplayName,
    rotating_secret::RotationState,
    tokens::policy::AccessTokenPolicy,
};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

pub(crate) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn names() -> GrantNames {
    GrantNames {
        email: Email::parse("ada@example.com").unwrap(),
        service: ServiceName::parse("photos").unwrap(),
    }
}

pub(crate) fn grant() -> AccessGrant {
    AccessGrant {
        id: AccessGrantId::from_uuid(uuid(1)),
        user_id: UserId::from_uuid(uuid(2)),
        service_id: ServiceId::from_uuid(uuid(3)),
        scopes: Scopes::NONE,
        origin: AccessGrantOrigin::Admin,
        subject_sealed: vec![7],
        created_at: NOW,
        expires_at: None,
    }
}

pub(crate) fn user() -> User {
    User::invite(
        UserId::from_uuid(uuid(2)),
        Email::parse("ada@example.com").unwrap(),
        DisplayName::parse("Ada").unwrap(),
        Role::Member,
        NOW,
    )
}

pub(crate) fn service() -> Service {
    Service {
        id: ServiceId::from_uuid(uuid(3)),
        name: ServiceName::parse("photos").unwrap(),
        hosts: vec!["photos.example.com".parse().unwrap()],
        policy: Policy::default(),
        rules: Rules::default(),
        risk: RiskPolicy::default(),
        access_tokens: AccessTokenPolicy::default(),
        created_at: NOW,
    }
}

pub(crate) fn token(label: &str) -> ServiceToken {
    ServiceToken {
        label: label.to_owned(),
        owner: ServiceId::from_uuid(uuid(3)),
        salt: vec![1],
        digest: vec![2],
        created_at: NOW,
        state: RotationState::Current,
    }
}

pub(crate) fn passkey() -> Passkey {
    Passkey {
        id: PasskeyId::from_uuid(uuid(4)),
        user_id: UserId::from_uuid(uuid(2)),
        device_id: DeviceId::from_uuid(uuid(5)),
        credential_digest: vec![3],
        credential: "made".to_owned(),
        name: DisplayName::parse("Key").unwrap(),
        backed_up: false,
        aaguid: None,
        created_at: NOW,
        last_used_at: None,
    }
}
