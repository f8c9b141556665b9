//! Users, their authenticator apps, and the limits on their codes.

use super::{
    Table,
    devices::device,
    ended,
    entities::{NOW, user},
    row,
};
use latchkey_domain::{
    access::permission::PermissionSet,
    event::*,
    id::MailId,
    identity::{
        custom_role::CustomRole,
        enrolment_link::{EnrolmentLink, LinkPurpose},
        totp::TotpSecret,
        user::{Role, RoleName},
    },
};

fn link(purpose: LinkPurpose) -> EnrolmentLink {
    EnrolmentLink {
        digest: vec![1],
        purpose,
        expires_at: NOW,
        is_vouched: false,
    }
}

fn desk() -> CustomRole {
    CustomRole {
        name: RoleName::parse("desk").unwrap(),
        permissions: "users:read".parse().unwrap(),
        created_at: NOW,
    }
}

fn added(is_setup: bool) -> UserAdded {
    UserAdded {
        user: user(),
        invitation: None,
        is_setup,
    }
}

fn confirmed(has_replaced: bool) -> TotpConfirmed {
    TotpConfirmed {
        user: user().named(),
        secret: secret(),
        has_replaced,
    }
}

fn secret() -> TotpSecret {
    TotpSecret {
        user_id: user().id,
        sealed: vec![1],
        confirmed_at: NOW,
        last_step: None,
    }
}

fn locked_out(user: Option<NamedUser>) -> CodeLockoutStarted {
    CodeLockoutStarted {
        user,
        reason: "wrong code",
    }
}

pub(super) fn table() -> Table {
    let (strict, passkeys_only) = user().set_passkey_only(true).unwrap();
    let (disabled, disabling) = user().disable(NOW).unwrap();
    vec![
        row(
            SetupLinkMade {
                link: link(LinkPurpose::Setup),
            },
            &["setup.linked | - | - | - | - | -"],
        ),
        row(
            MailRetried {
                mail: MailId::from_uuid(uuid::Uuid::nil()),
                kind: "passkey_added".to_owned(),
                user: user().named(),
            },
            &["mail.retried | user:2 | ada@example.com | user:2 | passkey_added | -"],
        ),
        row(
            MailDiscarded {
                mail: MailId::from_uuid(uuid::Uuid::nil()),
                kind: "passkey_added".to_owned(),
                user: user().named(),
            },
            &["mail.discarded | user:2 | ada@example.com | user:2 | passkey_added | -"],
        ),
        row(
            added(true),
            &[
                "user.added | user:2 | ada@example.com | user:2 | first administrator | email: ada@example.com; name: Ada; role: member",
            ],
        ),
        row(
            added(false),
            &[
                "user.added | user:2 | ada@example.com | user:2 | - | email: ada@example.com; name: Ada; role: member",
            ],
        ),
        row(
            UserInvited {
                user: user(),
                link: link(LinkPurpose::Invitation(user().id)),
            },
            &["user.invited | user:2 | ada@example.com | user:2 | - | -"],
        ),
        row(
            EnrolmentLinkRevoked {
                user: user().named(),
            },
            &["user.link_revoked | user:2 | ada@example.com | user:2 | - | -"],
        ),
        row(
            UserInvited {
                user: user(),
                link: EnrolmentLink {
                    is_vouched: true,
                    ..link(LinkPurpose::Invitation(user().id))
                },
            },
            &["user.invited | user:2 | ada@example.com | user:2 | - | vouched: yes"],
        ),
        row(
            UserRecovered {
                user: user(),
                link: EnrolmentLink {
                    is_vouched: true,
                    ..link(LinkPurpose::Invitation(user().id))
                },
                ended: ended(),
            },
            &[
                "user.recovered | user:2 | ada@example.com | user:2 | ended: 2 sessions, 1 passkey | vouched: yes",
            ],
        ),
        row(
            UserDisabled {
                ended: ended(),
                ..disabling
            },
            &[
                "user.disabled | user:2 | ada@example.com | user:2 | ended: 2 sessions, 1 passkey | state: enabled → disabled",
            ],
        ),
        row(
            disabled.enable().unwrap().1,
            &["user.enabled | user:2 | ada@example.com | user:2 | - | state: disabled → enabled"],
        ),
        row(
            UserDeleted {
                user: user(),
                devices: vec![device(false).id],
                ended: ended(),
            },
            &[
                "user.deleted | user:2 | ada@example.com | user:2 | ended: 2 sessions, 1 passkey | email: ada@example.com → nothing; name: Ada → nothing; role: member → nothing",
            ],
        ),
        row(
            UserExported {
                user: user().named(),
            },
            &["user.exported | user:2 | ada@example.com | user:2 | - | -"],
        ),
        row(
            UserRoleChanged {
                ended: ended(),
                ..user().set_role(Role::Admin).unwrap().1
            },
            &[
                "user.role_changed | user:2 | ada@example.com | user:2 | ended: 2 sessions, 1 passkey | role: member → admin",
            ],
        ),
        row(
            desk().add(),
            &["role.added | role:desk | desk | - | - | permissions: users:read"],
        ),
        row(
            desk().change(PermissionSet::NONE).unwrap().1,
            &["role.changed | role:desk | desk | - | - | permissions: users:read → nothing"],
        ),
        row(
            desk().delete(),
            &["role.deleted | role:desk | desk | - | - | permissions: users:read → nothing"],
        ),
        row(
            passkeys_only,
            &[
                "user.sign_in_changed | user:2 | ada@example.com | user:2 | - | sign-in: passkeys and codes → passkeys only",
            ],
        ),
        row(
            strict.set_passkey_only(false).unwrap().1,
            &[
                "user.sign_in_changed | user:2 | ada@example.com | user:2 | - | sign-in: passkeys only → passkeys and codes",
            ],
        ),
        row(
            TotpProvisioned {
                user: user().named(),
                secret: secret(),
            },
            &[
                "totp.provisioned | user:2 | ada@example.com | user:2 | - | authenticator app: provisioned",
            ],
        ),
        row(
            confirmed(false),
            &[
                "totp.confirmed | user:2 | ada@example.com | user:2 | - | authenticator app: a new one",
            ],
        ),
        row(
            confirmed(true),
            &[
                "totp.confirmed | user:2 | ada@example.com | user:2 | - | authenticator app: an older one → a new one",
            ],
        ),
        row(
            TotpRemoved {
                user: user().named(),
            },
            &[
                "totp.removed | user:2 | ada@example.com | user:2 | - | authenticator app: set up → nothing",
            ],
        ),
        row(
            locked_out(Some(user().named())),
            &["totp.paused | user:2 | ada@example.com | user:2 | wrong code | -"],
        ),
        // Nobody has the address: the log does not say which one was tried.
        row(
            locked_out(None),
            &["session.refused | - | - | - | wrong code | -"],
        ),
        row(
            CodeLockoutLifted {
                user: user().named(),
                wrong_codes: 5,
            },
            &["totp.resumed | user:2 | ada@example.com | user:2 | - | wrong codes: 5 → 0"],
        ),
    ]
}
