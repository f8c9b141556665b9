use super::*;
use crate::{
    identity::device::{Authentication, DeviceKind, DeviceLimit, NewDevice},
    tokens::{access_token::TokenAlgorithm, client::ClientKind},
};
use uuid::Uuid;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn family(key: Option<&str>) -> TokenFamily {
    TokenFamily {
        id: TokenFamilyId::from_uuid(Uuid::nil()),
        user_id: UserId::from_uuid(Uuid::nil()),
        device_id: DeviceId::from_uuid(Uuid::nil()),
        client_id: crate::id::ClientId::from_uuid(Uuid::nil()),
        audience: ServiceId::from_uuid(Uuid::nil()),
        scopes: TokenScopes::default(),
        grant_type: GrantType::DeviceCode,
        key: key.map(str::to_owned),
        auth_time: NOW,
        auth_method: AuthMethod::PasskeySynced,
        passkey_verified_at: Some(NOW),
        created_at: NOW,
        expires_at: NOW + Duration::HOUR,
        salt: Vec::new(),
        generation: 5,
        refreshed_at: NOW,
    }
}

fn started(grants: &[GrantType], key: Option<&str>) -> TokenFamily {
    let client = Client {
        id: crate::id::ClientId::from_uuid(Uuid::nil()),
        name: "Television".parse().unwrap(),
        kind: ClientKind::Public,
        grant_types: grants.iter().copied().collect(),
        audiences: [].into(),
        scopes: TokenScopes::default(),
        redirect_uris: [].into(),
        algorithm: TokenAlgorithm::default(),
        token_lifetime: Duration::MINUTE,
        keys: None,
        requires_dpop: false,
        created_at: NOW,
    };
    let device = NewDevice {
        id: DeviceId::from_uuid(Uuid::nil()),
        user_id: UserId::from_uuid(Uuid::nil()),
        name: "Laptop".parse().unwrap(),
        kind: DeviceKind::Computer,
        ip: None,
    };
    let proof = Authentication {
        at: NOW,
        method: AuthMethod::PasskeySynced,
        limit: DeviceLimit::None,
        risk: None,
        browser: None,
        secret_tag: Vec::new(),
        expires_at: NOW,
    };
    TokenFamily::start(
        family(None).id,
        &client,
        &Device::register(device, proof).0,
        family(None).audience,
        TokenScopes::default(),
        GrantType::DeviceCode,
        key.map(str::to_owned),
        [1; 16],
        NOW,
    )
}

#[test]
fn a_family_lasts_as_long_as_its_tokens_can_be_refreshed() {
    use GrantType::{DeviceCode, RefreshToken};
    for (grants, key, expected) in [
        (&[DeviceCode][..], None, Duration::MINUTE + LEEWAY),
        (&[DeviceCode], Some("k"), Duration::MINUTE + LEEWAY),
        (&[DeviceCode, RefreshToken], None, Duration::hours(16)),
        (&[DeviceCode, RefreshToken], Some("k"), Duration::days(7)),
    ] {
        let started = started(grants, key);
        assert_eq!(started.expires_at - started.created_at, expected);
    }
}

#[test]
fn a_refresh_token_is_used_once_and_a_lost_response_is_repeated_to_its_key_alone() {
    let (bound, bearer) = (family(Some("k")), family(None));
    let (window, leeway) = (RETRY_WINDOW.whole_seconds(), LEEWAY.whole_seconds());
    for (family, generation, key, seconds, expected) in [
        (&bearer, 5, None, 0, Presented::Newest),
        (&bearer, 5, Some("k"), 0, Presented::Newest),
        (&bearer, 4, None, 0, Presented::Reused),
        (&bearer, 6, None, 0, Presented::Reused),
        (&bearer, 5, None, 3599, Presented::Newest),
        (&bearer, 5, None, 3600, Presented::Expired),
        (&bearer, 4, None, 3600, Presented::Expired),
        (&bound, 5, Some("k"), 0, Presented::Newest),
        (&bound, 5, Some("j"), 0, Presented::NotItsKey),
        (&bound, 5, None, 0, Presented::NotItsKey),
        (&bound, 3, None, 0, Presented::NotItsKey),
        (&bound, 4, Some("k"), 0, Presented::Retry),
        (&bound, 4, Some("k"), window, Presented::Retry),
        (&bound, 4, Some("k"), window + 1, Presented::Reused),
        // The successor was issued by a process whose clock is ahead.
        (&bound, 4, Some("k"), -1, Presented::Retry),
        (&bound, 4, Some("k"), -leeway, Presented::Retry),
        (&bound, 4, Some("k"), -leeway - 1, Presented::Reused),
        (&bound, 3, Some("k"), 0, Presented::Reused),
        (&bound, u32::MAX, Some("k"), 0, Presented::Reused),
    ] {
        let now = NOW + Duration::seconds(seconds);
        assert_eq!(
            family.present(generation, key, now),
            expected,
            "{generation} {key:?} {seconds}"
        );
    }
}

#[test]
fn a_token_gains_nothing_from_a_later_passkey_and_loses_what_its_device_lost() {
    let family = family(None);
    assert_eq!(family.passkey_of(Some(NOW + Duration::HOUR)), Some(NOW));
    let earlier = NOW - Duration::HOUR;
    assert_eq!(family.passkey_of(Some(earlier)), Some(earlier));
    assert_eq!(family.passkey_of(None), None);
    let without = TokenFamily {
        passkey_verified_at: None,
        ..family
    };
    assert_eq!(without.passkey_of(Some(NOW)), None);
}
