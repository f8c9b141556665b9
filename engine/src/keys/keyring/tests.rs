use super::*;
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};

fn ring(keys: &[u8]) -> Keyring {
    let lines: Vec<_> = keys
        .iter()
        .map(|byte| BASE64_STANDARD_NO_PAD.encode([*byte; 32]))
        .collect();
    Keyring::parse(&lines.join("\n")).unwrap()
}

#[test]
fn a_rotated_key_is_accepted_until_its_line_is_removed() {
    let tag = ring(&[1]).tag(Purpose::Cookie, b"ab");
    assert!(ring(&[1]).is_tag_of(Purpose::Cookie, b"ab", &tag));
    assert!(ring(&[2, 1]).is_tag_of(Purpose::Cookie, b"ab", &tag));
    assert!(!ring(&[2]).is_tag_of(Purpose::Cookie, b"ab", &tag));
}

#[test]
fn a_retired_audit_key_checks_entries_up_to_its_last_and_nothing_else() {
    let tag = ring(&[1]).tag(Purpose::Audit, b"ab");
    let audit = ring(&[1]).generations()[0].audit_key.clone();
    let keys = ring(&[2]).with_retired(vec![RetiredAuditKey {
        id: ring(&[1]).active_id(),
        key: hmac::Key::new(hmac::HMAC_SHA256, &*audit),
        last_entry: 5,
    }]);
    assert!(keys.is_entry_tag(5, b"ab", &tag));
    assert!(!keys.is_entry_tag(6, b"ab", &tag));
    assert!(!keys.is_entry_tag(5, b"ac", &tag));
    assert!(!keys.is_tag_of(Purpose::Audit, b"ab", &tag));
    assert!(keys.knows_entry(&tag) && !keys.knows(&tag));
    // In force again, it tags what comes.
    let back = ring(&[2, 1]).with_retired(vec![RetiredAuditKey {
        id: ring(&[1]).active_id(),
        key: hmac::Key::new(hmac::HMAC_SHA256, &*audit),
        last_entry: 5,
    }]);
    assert!(back.is_entry_tag(6, b"ab", &tag));
}

/// Computed by another program: an upgrade that derived other keys would sign everybody out.
#[test]
fn derived_keys_are_stable() {
    let tag = ring(&[1]).tag(Purpose::Cookie, b"ab");
    assert_eq!(
        hex::encode(tag),
        "5f9f28b81e27a96bde3e393b1effb7c8394ed6f98c765c94a2f2853b6b14468be480617a"
    );
    assert_eq!(
        hex::encode(digest("token", b"value")),
        "7bdc132502f6aeeaabb17784b467af30b1bbcff64dcfb833de056660660a5ce8"
    );
}

#[test]
fn keys_are_separated_by_purpose() {
    let tag = ring(&[1]).tag(Purpose::Cookie, b"a");
    assert!(!ring(&[1]).is_tag_of(Purpose::DeviceSecret, b"a", &tag));
    assert!(!ring(&[1]).is_tag_of(Purpose::Audit, b"a", &tag));
}

#[test]
fn audit_13_checkpoints_have_their_own_signing_key() {
    let (one, other) = (ring(&[1]), ring(&[2]));
    let checkpoint = one.generations()[0].derived_checkpoint().to_bytes();
    assert_ne!(
        checkpoint,
        one.generations()[0].derived_identity_token().to_bytes()
    );
    assert_ne!(
        checkpoint,
        other.generations()[0].derived_checkpoint().to_bytes()
    );
}
