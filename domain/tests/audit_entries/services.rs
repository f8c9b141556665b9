//! Services and the grants to them.

use super::{
    Table, ended,
    entities::{NOW, grant, names, service, token},
    row,
};
use latchkey_domain::{
    access::{
        access_grant::{AccessGrant, AccessGrantOrigin, Scopes},
        service::{Policy, Requirement, Service},
    },
    tokens::policy::{AccessTokenPolicy, TokenUse},
};
use time::Duration;

fn once() -> AccessTokenPolicy {
    AccessTokenPolicy {
        scopes: "photos:read photos:write".parse().unwrap(),
        token_use: TokenUse::OneShot,
        native: false,
        dpop_nonce: false,
    }
}

fn services() -> Table {
    let photos = Service {
        hosts: vec![
            "photos.example.com".parse().unwrap(),
            "*.photos.example.com".parse().unwrap(),
        ],
        rules: "public /assets/*\nadmins /settings/*".parse().unwrap(),
        access_tokens: once(),
        ..service()
    };
    let with_passkey = Policy {
        requirement: Requirement::Passkey {
            max_age_seconds: 900,
        },
        admins_enter: false,
    };
    let hosts = vec!["pictures.example.com".parse().unwrap()];
    vec![
        row(
            photos.clone().add(token("first")),
            &[
                "service.added | service:3 | photos | - | photos.example.com *.photos.example.com | hosts: photos.example.com *.photos.example.com; rules: public /assets/*\nadmins /settings/*; requirement: device; admins_enter: true; token_scopes: photos:read photos:write; token_policy: one_shot",
            ],
        ),
        row(
            service()
                .change(hosts, with_passkey, photos.rules.clone())
                .1,
            &[
                "service.changed | service:3 | photos | - | pictures.example.com | hosts: photos.example.com → pictures.example.com; rules: public /assets/*\nadmins /settings/*; requirement: device → passkey, at most 900 s old; admins_enter: true → false",
            ],
        ),
        // The fields that stay are left out.
        row(
            photos
                .clone()
                .change(service().hosts, photos.policy, photos.rules.clone())
                .1,
            &[
                "service.changed | service:3 | photos | - | photos.example.com | hosts: photos.example.com *.photos.example.com → photos.example.com",
            ],
        ),
        row(
            service().change_access_tokens(once()).1,
            &[
                "service.changed | service:3 | photos | - | photos.example.com | token_scopes: photos:read photos:write; token_policy: reusable → one_shot",
            ],
        ),
        row(
            service()
                .change_access_tokens(AccessTokenPolicy {
                    native: true,
                    dpop_nonce: true,
                    ..AccessTokenPolicy::default()
                })
                .1,
            &[
                "service.changed | service:3 | photos | - | photos.example.com | native: yes; dpop_nonce: yes",
            ],
        ),
        row(
            service().rotate_token(token("second"), Duration::hours(3)),
            &[
                "service.token_rotated | service:3 | photos | - | old one for 3 h more | overlap: 3 h",
            ],
        ),
        row(
            photos.delete(ended()),
            &[
                "service.deleted | service:3 | photos | - | ended: 2 sessions, 1 passkey | hosts: photos.example.com *.photos.example.com → nothing; rules: public /assets/*\nadmins /settings/* → nothing; requirement: device → nothing; admins_enter: true → nothing; token_scopes: photos:read photos:write → nothing; token_policy: one_shot → nothing",
            ],
        ),
    ]
}

fn grants() -> Table {
    let explicit = AccessGrant {
        scopes: Scopes::ALL,
        origin: AccessGrantOrigin::Explicit,
        expires_at: Some(NOW),
        ..grant()
    };
    vec![
        row(
            explicit.clone().add(names()),
            &[
                "grant.added | grant:1 | ada@example.com → photos | user:2 | read:username read:email read:user-role | scopes: read:username read:email read:user-role; origin: explicit; expires: 2026-11-21T12:00:00Z",
            ],
        ),
        row(
            grant().add(names()),
            &[
                "grant.added | grant:1 | ada@example.com → photos | user:2 | administrator's first access | origin: admin",
            ],
        ),
        row(
            grant().change(Scopes::ALL, Some(NOW), names()).1,
            &[
                "grant.changed | grant:1 | ada@example.com → photos | user:2 | read:username read:email read:user-role | scopes: read:username read:email read:user-role; origin: admin → explicit; expires: 2026-11-21T12:00:00Z",
            ],
        ),
        row(
            explicit.remove(names()),
            &[
                "grant.removed | grant:1 | ada@example.com → photos | user:2 | - | scopes: read:username read:email read:user-role → nothing; origin: explicit → nothing; expires: 2026-11-21T12:00:00Z → nothing",
            ],
        ),
    ]
}

pub(super) fn table() -> Table {
    [services(), grants()].into_iter().flatten().collect()
}
