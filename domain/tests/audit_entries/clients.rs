//! Clients, and the tokens that they get for themselves and for users.

use super::{
    Table,
    devices::device,
    entities::{NOW, service, user, uuid},
    row,
};
use latchkey_domain::{
    access::permission::PermissionSet,
    event::*,
    id::{ClientId, TokenFamilyId},
    rotating_secret::RotationState,
    tokens::{
        access_token::TokenAlgorithm,
        client::{Client, ClientKind, ClientSecret, GrantType},
        device_authorization::{AuthorizationState, DeviceAuthorization},
        family::{FamilyEnd, TokenFamily},
    },
};
use time::Duration;

/// A client that has a value in each of its fields.
fn backup() -> Client {
    Client {
        id: ClientId::from_uuid(uuid(6)),
        name: "Backup".parse().unwrap(),
        kind: ClientKind::Public,
        grant_types: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
        audiences: [service().id].into(),
        scopes: "photos:read photos:write".parse().unwrap(),
        redirect_uris: ["https://backup.example.com/back".parse().unwrap()].into(),
        algorithm: TokenAlgorithm::Es256,
        token_lifetime: Duration::MINUTE,
        keys: None,
        requires_dpop: true,
        created_at: NOW,
    }
}

/// A client with as little as a client can have.
fn mirror() -> Client {
    Client {
        name: "Mirror".parse().unwrap(),
        kind: ClientKind::Confidential,
        grant_types: [GrantType::ClientCredentials].into(),
        scopes: "".parse().unwrap(),
        redirect_uris: [].into(),
        algorithm: TokenAlgorithm::EdDsa,
        requires_dpop: false,
        ..backup()
    }
}

fn secret() -> ClientSecret {
    ClientSecret {
        label: "second".to_owned(),
        owner: backup().id,
        salt: vec![1],
        digest: vec![2],
        created_at: NOW,
        state: RotationState::Current,
    }
}

fn issued(user: Option<NamedUser>) -> TokenIssued {
    TokenIssued {
        client: backup(),
        user,
        audience: service().name,
        scopes: "photos:read".parse().unwrap(),
        grant_type: GrantType::RefreshToken,
        token_id: "9f1c".to_owned(),
    }
}

fn clients() -> Table {
    vec![
        row(
            backup().add(None),
            &[
                "client.added | client:6 | Backup | - | - | name: Backup; kind: public; grant_types: urn:ietf:params:oauth:grant-type:device_code refresh_token; audiences: 3; scopes: photos:read photos:write; redirect_uris: https://backup.example.com/back; algorithm: ES256; lifetime: 60 s; dpop: yes",
            ],
        ),
        row(
            mirror().add(Some(secret())),
            &[
                "client.added | client:6 | Mirror | - | - | name: Mirror; kind: confidential; grant_types: client_credentials; audiences: 3; algorithm: EdDSA; lifetime: 60 s",
            ],
        ),
        row(
            Client {
                keys: Some("{}".to_owned()),
                ..mirror()
            }
            .add(None),
            &[
                "client.added | client:6 | Mirror | - | - | name: Mirror; kind: confidential; grant_types: client_credentials; audiences: 3; algorithm: EdDSA; lifetime: 60 s; keys: {}",
            ],
        ),
        row(
            mirror().rotate_secret(secret(), Duration::hours(3)),
            &[
                "client.secret_rotated | client:6 | Mirror | - | old one for 3 h more | overlap: 3 h",
            ],
        ),
        row(
            mirror().delete(),
            &[
                "client.deleted | client:6 | Mirror | - | - | name: Mirror → nothing; kind: confidential → nothing; grant_types: client_credentials → nothing; audiences: 3 → nothing; algorithm: EdDSA → nothing; lifetime: 60 s → nothing",
            ],
        ),
        row(
            issued(None),
            &[
                "token.issued | client:6 | Backup | - | 9f1c for photos | audience: photos; scopes: photos:read; grant_type: refresh_token",
            ],
        ),
        row(
            issued(Some(user().named())),
            &[
                "token.issued | client:6 | Backup | user:2 | 9f1c for photos | audience: photos; scopes: photos:read; grant_type: refresh_token",
            ],
        ),
        row(
            TokenRevoked {
                client: backup(),
                token_id: "9f1c".to_owned(),
                digest: [1; 32],
                expires_at: NOW,
            },
            &["token.revoked | client:6 | Backup | - | 9f1c | -"],
        ),
        row(
            TokenReplayed {
                client: backup(),
                audience: service().name,
                token_id: "9f1c".to_owned(),
            },
            &["token.replayed | client:6 | Backup | - | 9f1c for photos | -"],
        ),
    ]
}

/// What the program on Ada's television asks for.
fn authorization() -> DeviceAuthorization {
    DeviceAuthorization {
        device_code: [1; 32],
        user_code: [2; 32],
        client_id: backup().id,
        audience: service().id,
        scopes: "photos:read".parse().unwrap(),
        key: None,
        public_key: None,
        ip: None,
        created_at: NOW,
        expires_at: NOW + Duration::MINUTE,
        state: AuthorizationState::Pending,
    }
}

fn family(key: Option<&str>) -> TokenFamily {
    let audience = service().id;
    TokenFamily::start(
        TokenFamilyId::from_uuid(uuid(7)),
        &backup(),
        &device(false),
        audience,
        "photos:read".parse().unwrap(),
        GrantType::DeviceCode,
        key.map(str::to_owned),
        [1; 16],
        NOW,
    )
}

fn of_users() -> Table {
    let ada = || user().named();
    let approved = authorization().approve(
        backup(),
        (ada(), PermissionSet::NONE),
        device(false).id,
        NOW,
    );
    vec![
        row(
            approved.unwrap().1,
            &["token.approved | client:6 | Backup | user:2 | - | scopes: photos:read"],
        ),
        row(
            authorization().deny(backup(), ada(), NOW).unwrap().1,
            &["token.denied | client:6 | Backup | user:2 | - | -"],
        ),
        row(
            family(None).started(backup(), ada()),
            &[
                "token.family_started | client:6 | Backup | user:2 | 7 | scopes: photos:read; grant_type: urn:ietf:params:oauth:grant-type:device_code",
            ],
        ),
        row(
            family(Some("thumbprint")).started(backup(), ada()),
            &[
                "token.family_started | client:6 | Backup | user:2 | 7 | scopes: photos:read; grant_type: urn:ietf:params:oauth:grant-type:device_code; key: thumbprint",
            ],
        ),
        row(
            family(None).end(backup(), ada(), FamilyEnd::Revoked, NOW),
            &["token.family_ended | client:6 | Backup | user:2 | 7: its access was revoked | -"],
        ),
    ]
}

pub(super) fn table() -> Table {
    [clients(), of_users()].into_iter().flatten().collect()
}
