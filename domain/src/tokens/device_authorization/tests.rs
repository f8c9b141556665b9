use super::*;
use crate::identity::user::Role;
use crate::tokens::{access_token::TokenAlgorithm, client::ClientKind};
use uuid::Uuid;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
const ADA: UserId = UserId::from_uuid(Uuid::from_u128(1));
const LAPTOP: DeviceId = DeviceId::from_uuid(Uuid::from_u128(2));

fn television() -> Client {
    Client {
        id: ClientId::from_uuid(Uuid::nil()),
        name: "Television".parse().unwrap(),
        kind: ClientKind::Public,
        grant_types: ClientKind::Public.usual_grant_types(),
        audiences: [].into(),
        scopes: TokenScopes::default(),
        redirect_uris: [].into(),
        algorithm: TokenAlgorithm::default(),
        token_lifetime: Duration::MINUTE,
        keys: None,
        requires_dpop: false,
        created_at: NOW,
    }
}

fn ada() -> NamedUser {
    NamedUser {
        id: ADA,
        email: "ada@example.com".parse().unwrap(),
    }
}

fn asked() -> DeviceAuthorization {
    DeviceAuthorization {
        device_code: [1; 32],
        user_code: [2; 32],
        client_id: television().id,
        audience: ServiceId::from_uuid(Uuid::nil()),
        scopes: TokenScopes::default(),
        key: None,
        public_key: None,
        ip: None,
        created_at: NOW,
        expires_at: NOW + LIFETIME,
        state: AuthorizationState::Pending,
    }
}

#[test]
fn a_user_approves_or_denies_what_is_pending() {
    let approved = asked().approve(television(), (ada(), PermissionSet::NONE), LAPTOP, NOW);
    let expected = DeviceAuthorization {
        state: AuthorizationState::Approved {
            user: ADA,
            device: LAPTOP,
        },
        ..asked()
    };
    let (authorization, event) = approved.unwrap();
    assert_eq!(
        (&authorization, &event.authorization),
        (&expected, &expected)
    );
    assert_eq!((event.client, event.user), (television(), ada()));

    let (authorization, event) = asked().deny(television(), ada(), NOW).unwrap();
    let expected = DeviceAuthorization {
        state: AuthorizationState::Denied,
        ..asked()
    };
    assert_eq!(
        (&authorization, &event.authorization),
        (&expected, &expected)
    );
    assert_eq!((event.client, event.user), (television(), ada()));
}

#[test]
fn what_was_decided_or_has_expired_is_not_decided_again() {
    let (approved, _) =
        (asked().approve(television(), (ada(), PermissionSet::NONE), LAPTOP, NOW)).unwrap();
    let (denied, _) = asked().deny(television(), ada(), NOW).unwrap();
    let last = NOW + LIFETIME - Duration::SECOND;
    for (authorization, now, is_open) in [
        (asked(), last, true),
        (asked(), NOW + LIFETIME, false),
        (approved, NOW, false),
        (denied, NOW, false),
    ] {
        let again = authorization.clone();
        let approved = again.approve(television(), (ada(), PermissionSet::NONE), LAPTOP, now);
        assert_eq!(approved.is_ok(), is_open);
        let denied = authorization.deny(television(), ada(), now);
        assert_eq!(denied.is_ok(), is_open);
    }
}

#[test]
fn a_user_grants_what_their_role_and_the_client_have_of_what_was_asked_for() {
    let helper = Role::Helper.built_in_permissions().unwrap();
    for (asked_for, of_client, granted) in [
        ("", "", Ok("")),
        ("", "read", Ok("")),
        ("read write", "read write", Ok("read write")),
        ("read write", "read", Ok("read")),
        (
            "latchkey:users:read latchkey:users:write",
            "latchkey:users:read latchkey:users:write",
            Ok("latchkey:users:read"),
        ),
        (
            "latchkey:users:write read",
            "latchkey:users:write read",
            Ok("read"),
        ),
        (
            "latchkey:users:write",
            "latchkey:users:write",
            Err(NotApprovable::NothingToGrant),
        ),
        ("read", "", Err(NotApprovable::NothingToGrant)),
        // Such a permission is not known.
        (
            "latchkey:doors:open",
            "latchkey:doors:open",
            Err(NotApprovable::NothingToGrant),
        ),
    ] {
        let client = Client {
            scopes: of_client.parse().unwrap(),
            ..television()
        };
        let asked = DeviceAuthorization {
            scopes: asked_for.parse().unwrap(),
            ..asked()
        };
        let approved = asked.approve(client, (ada(), helper), LAPTOP, NOW);
        let scopes = approved.map(|(authorization, _)| authorization.scopes.to_string());
        assert_eq!(
            scopes,
            granted.map(str::to_owned),
            "{asked_for} {of_client}"
        );
    }
}
