use super::*;
use crate::{
    access::{access_grant::*, service::ServiceName},
    id::{AccessGrantId, DeviceId, ServiceId, TokenFamilyId, UserId},
    identity::email::Email,
};
use time::OffsetDateTime;
use uuid::Uuid;

#[test]
fn a_cache_key_reads_back_and_another_word_is_an_error() {
    let (device, user) = (
        DeviceId::from_uuid(Uuid::from_u128(1)),
        UserId::from_uuid(Uuid::from_u128(2)),
    );
    for key in [
        CacheKey::Device(device),
        CacheKey::User(user),
        CacheKey::Services,
        CacheKey::Clients,
        CacheKey::RevokedTokens,
        CacheKey::TokenFamily(TokenFamilyId::from_uuid(Uuid::from_u128(3))),
    ] {
        assert_eq!(key.to_string().parse(), Ok(key));
    }
    for text in ["", "policy:1", "device:1", "services:1", "device"] {
        assert_eq!(text.parse::<CacheKey>(), Err(CacheKeyError), "{text}");
    }
}

#[test]
fn what_ended_is_counted_and_nothing_says_nothing() {
    let ended = Ended::new([(2, "session"), (0, "passkey"), (1, "enrolment link")]);
    assert_eq!(ended.to_string(), "ended: 2 sessions, 1 enrolment link");
    assert!(Ended::new([(0, "session")]).is_empty());
    assert_eq!(Ended::default().to_string(), "");
}

#[test]
fn the_longest_names_of_a_grant_fit_into_the_audit_log() {
    let labels = vec!["d".repeat(60); 3].join(".");
    let email = format!("{}@{labels}.example.com", "a".repeat(59));
    let names = GrantNames {
        email: Email::parse(&email).unwrap(),
        service: ServiceName::parse(&"s".repeat(63)).unwrap(),
    };
    let (name, grant) = (
        names.to_string(),
        AccessGrant {
            id: AccessGrantId::from_uuid(Uuid::nil()),
            user_id: UserId::from_uuid(Uuid::nil()),
            service_id: ServiceId::from_uuid(Uuid::nil()),
            scopes: Scopes::NONE,
            origin: AccessGrantOrigin::Explicit,
            subject_sealed: Vec::new(),
            created_at: OffsetDateTime::UNIX_EPOCH,
            expires_at: None,
        },
    );
    assert!(name.chars().count() > 260 && name.chars().count() <= MAX_TARGET_NAME_CHARS);
    let entries = Event::from(grant.add(names)).entries();
    assert_eq!(entries[0].target_name, name);
}

#[test]
fn control_characters_and_long_texts_do_not_reach_the_audit_log() {
    let event = Event::from(BackupMade {
        file: "x".repeat(700),
        has_key: true,
    });
    assert_eq!(event.entries()[0].target_name.len(), MAX_TARGET_NAME_CHARS);
    let event = Event::from(SignInRefused {
        user: None,
        reason: "a\u{1b}[2J",
        copied: None,
    });
    assert_eq!(event.entries()[0].detail, "a [2J");
}
