use super::*;
use crate::{rotating_secret::RotationState, tokens::access_token::LIFETIME};
use time::OffsetDateTime;
use uuid::Uuid;

fn client(kind: ClientKind, grants: &[GrantType], audiences: u128) -> Client {
    Client {
        id: ClientId::from_uuid(Uuid::from_u128(1)),
        name: "Backup".parse().unwrap(),
        kind,
        grant_types: grants.iter().copied().collect(),
        audiences: (0..audiences)
            .map(|number| ServiceId::from_uuid(Uuid::from_u128(number)))
            .collect(),
        scopes: TokenScopes::default(),
        redirect_uris: BTreeSet::new(),
        algorithm: TokenAlgorithm::default(),
        token_lifetime: LIFETIME,
        keys: None,
        requires_dpop: false,
        created_at: OffsetDateTime::UNIX_EPOCH,
    }
}

#[test]
fn a_client_that_is_said_nothing_of_does_what_its_kind_usually_does() {
    use GrantType::{ClientCredentials, DeviceCode, RefreshToken};
    for (kind, expected) in [
        (ClientKind::Confidential, &[ClientCredentials][..]),
        (ClientKind::Public, &[DeviceCode, RefreshToken]),
    ] {
        let usual = kind.usual_grant_types();
        assert!(usual.iter().eq(expected));
        assert!(client(kind, expected, 1).checked().is_ok());
    }
}

#[test]
fn an_error_names_the_field_to_change() {
    for (error, field) in [
        (ClientError::NoGrantType, "grant_types"),
        (ClientError::PublicCredentials, "grant_types"),
        (ClientError::LoneRefreshToken, "grant_types"),
        (ClientError::NoAudience, "audiences"),
        (ClientError::PublicKeys, "keys"),
        (ClientError::Lifetime, "lifetime"),
    ] {
        assert_eq!(error.field(), field);
    }
}

#[test]
fn a_rotation_ends_the_former_secret_after_the_overlap() {
    let now = OffsetDateTime::UNIX_EPOCH;
    let backup = client(ClientKind::Confidential, &[GrantType::ClientCredentials], 1);
    let secret = ClientSecret {
        label: "new".to_owned(),
        owner: backup.id,
        salt: vec![1],
        digest: vec![2],
        created_at: now,
        state: RotationState::Current,
    };
    let event = backup.clone().rotate_secret(secret.clone(), Duration::HOUR);
    let expected = ClientSecretRotated {
        client: backup,
        secret,
        until: now + Duration::HOUR,
        overlap: Duration::HOUR,
    };
    assert_eq!(event, expected);
}

#[test]
fn a_client_has_a_way_to_tokens_that_it_can_protect() {
    use ClientKind::{Confidential, Public};
    use GrantType::{ClientCredentials, DeviceCode, JwtBearer, RefreshToken};
    for (kind, grants, expected) in [
        (Confidential, &[ClientCredentials][..], None),
        (Confidential, &[], Some(ClientError::NoGrantType)),
        (
            Public,
            &[ClientCredentials],
            Some(ClientError::PublicCredentials),
        ),
        (
            Public,
            &[ClientCredentials, DeviceCode],
            Some(ClientError::PublicCredentials),
        ),
        (Public, &[DeviceCode, RefreshToken], None),
        (Public, &[JwtBearer, RefreshToken], None),
        (Public, &[RefreshToken], Some(ClientError::LoneRefreshToken)),
        (
            Confidential,
            &[ClientCredentials, RefreshToken],
            Some(ClientError::LoneRefreshToken),
        ),
    ] {
        let checked = client(kind, grants, 1).checked();
        assert_eq!(checked.err(), expected, "{kind:?} {grants:?}");
    }
    let keys = Client {
        keys: Some(String::new()),
        ..client(Public, &[DeviceCode], 1)
    };
    assert_eq!(keys.checked().err(), Some(ClientError::PublicKeys));
    for (seconds, is_sound) in [(0, false), (1, true), (900, true), (901, false)] {
        let lasting = Client {
            token_lifetime: Duration::seconds(seconds),
            ..client(Confidential, &[ClientCredentials], 1)
        };
        assert_eq!(lasting.checked().is_ok(), is_sound, "{seconds}");
    }
    let terminal = client(Public, &[DeviceCode], 1);
    assert!(terminal.may_use(DeviceCode) && !terminal.may_use(RefreshToken));
    let nowhere = client(Confidential, &[ClientCredentials], 0);
    assert_eq!(nowhere.checked().err(), Some(ClientError::NoAudience));
}

#[test]
fn a_request_may_leave_out_the_audience_if_there_is_one() {
    let grants = &[GrantType::ClientCredentials];
    let only = |audiences| client(ClientKind::Confidential, grants, audiences).only_audience();
    assert_eq!(only(0), None);
    assert_eq!(only(1), Some(ServiceId::from_uuid(Uuid::from_u128(0))));
    assert_eq!(only(2), None);
}

#[test]
fn names_of_grant_types_are_read_as_they_are_written() {
    for grant in GrantType::VARIANTS {
        assert_eq!(grant.as_str().parse(), Ok(*grant));
    }
    assert!("password".parse::<GrantType>().is_err());
    assert!("implicit".parse::<GrantType>().is_err());
    assert!(!GrantType::ClientCredentials.is_for_public_clients());
    assert!(GrantType::DeviceCode.is_for_public_clients());
    for kind in [ClientKind::Confidential, ClientKind::Public] {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
}
