//! Devices, sign-ins on them, and passkeys.

use super::{
    Table, ended,
    entities::{NOW, passkey, user},
    row,
};
use latchkey_domain::{
    event::*,
    identity::approval::ApprovalRequest,
    identity::device::{
        AuthMethod, Authentication, Device, DeviceKind, DeviceLimit, MailConfirmation, NewDevice,
        Recovery,
    },
    identity::recovery::{RecoveryBasis, RecoveryCodes},
    identity::recovery_mail::RecoveryMail,
};

fn authentication(method: AuthMethod, is_limited: bool) -> Authentication {
    Authentication {
        at: NOW,
        method,
        limit: DeviceLimit::of(is_limited, None),
        risk: None,
        browser: None,
        secret_tag: vec![1],
        expires_at: NOW,
    }
}

pub(super) fn device(is_limited: bool) -> Device {
    let new = NewDevice {
        id: passkey().device_id,
        user_id: user().id,
        name: "Laptop".parse().unwrap(),
        kind: DeviceKind::Computer,
        ip: None,
    };
    Device::register(new, authentication(AuthMethod::Code, is_limited)).0
}

/// A device that a recovery code registered.
pub(super) fn recovering() -> Device {
    recovering_with(MailConfirmation::NotRequired)
}

fn recovering_with(mail: MailConfirmation) -> Device {
    let limit = DeviceLimit::Recovery(Recovery {
        since: NOW,
        passkey_after: NOW,
        mail,
    });
    Device {
        limit,
        ..device(false)
    }
}

fn recoveries() -> Table {
    vec![
        row(
            RecoveryCodesMade {
                user: user().named(),
                device: device(false).id,
                codes: RecoveryCodes {
                    user: user().id,
                    digests: vec![vec![1]; 10],
                    made_at: NOW,
                },
                replaced: 3,
            },
            &[
                "recovery.codes_made | user:2 | ada@example.com | user:2 | - | recovery codes: 3 → 10",
            ],
        ),
        row(
            DeviceRegistered {
                device: recovering(),
                activated: None,
                risk: None,
            },
            &["device.registered | device:5 | Laptop | user:2 | code | limited: recovery"],
        ),
        row(
            RecoveryStarted {
                device: recovering(),
                basis: RecoveryBasis::Code { left: 9 },
            },
            &[
                "recovery.started | device:5 | Laptop | user:2 | recovery code, 9 left | passkey_after: 2026-11-21T12:00:00Z",
            ],
        ),
        row(
            RecoveryStarted {
                device: recovering(),
                basis: RecoveryBasis::Link,
            },
            &[
                "recovery.started | device:5 | Laptop | user:2 | enrolment link | passkey_after: 2026-11-21T12:00:00Z",
            ],
        ),
        row(
            RecoveryStarted {
                device: recovering_with(MailConfirmation::Required),
                basis: RecoveryBasis::Link,
            },
            &[
                "recovery.started | device:5 | Laptop | user:2 | enrolment link | passkey_after: 2026-11-21T12:00:00Z; mail: required",
            ],
        ),
        row(
            RecoveryMailRequested {
                device: recovering_with(MailConfirmation::Required),
                confirmation: RecoveryMail {
                    id: "0190c2f0-7d5a-7000-8000-000000000000".parse().unwrap(),
                    user: user().id,
                    device: device(false).id,
                    code_tag: vec![1],
                    expires_at: NOW,
                },
            },
            &["recovery.mail_requested | device:5 | Laptop | user:2 | - | -"],
        ),
        row(
            recovering_with(MailConfirmation::Required)
                .confirm_by_mail(NOW)
                .unwrap()
                .1,
            &["recovery.confirmed | device:5 | Laptop | user:2 | - | mail: required → confirmed"],
        ),
        row(
            RecoveryCancelled {
                device: recovering(),
                by: device(false).id,
            },
            &[
                "recovery.cancelled | device:5 | Laptop | user:2 | from another device | recovery: under way → cancelled",
            ],
        ),
    ]
}

/// A browser that asks to be approved.
fn asking(ip: Option<&str>) -> ApprovalRequest {
    ApprovalRequest {
        id: [7; 16],
        browser: "Firefox on Linux".parse().unwrap(),
        kind: DeviceKind::Computer,
        ip: ip.map(|ip| ip.parse().unwrap()),
        created_at: NOW,
    }
}

fn refused(user: Option<NamedUser>) -> SignInRefused {
    SignInRefused {
        user,
        reason: "wrong code",
        copied: None,
    }
}

fn sign_ins() -> Table {
    let (signed_out, signing_out) = device(true).sign_out(NOW).unwrap();
    let passkey = authentication(AuthMethod::PasskeySynced, false);
    let code = authentication(AuthMethod::Code, true);
    let (signed_in, by_passkey) = signed_out.sign_in(passkey).unwrap();
    vec![
        row(
            by_passkey,
            &[
                "session.signed_in | device:5 | Laptop | user:2 | passkey | state: signed out → active; limited: yes → nothing",
            ],
        ),
        row(
            signed_in.sign_in(code).unwrap().1,
            &["session.signed_in | device:5 | Laptop | user:2 | code | -"],
        ),
        row(
            SignedOut {
                ended: ended(),
                ..signing_out
            },
            &[
                "session.signed_out | device:5 | Laptop | user:2 | ended: 2 sessions, 1 passkey | state: active → signed out",
            ],
        ),
        row(
            SignInsEnded {
                devices: vec![device(false), device(true)],
                reason: "the last passkey was removed",
            },
            &["session.signed_out | device:5 | Laptop | user:2 | the last passkey was removed | state: active → signed out";
                2],
        ),
        row(
            refused(Some(user().named())),
            &["session.refused | user:2 | ada@example.com | user:2 | wrong code | -"],
        ),
        row(
            SignInRefused {
                copied: Some("Key".parse().unwrap()),
                ..refused(Some(user().named()))
            },
            &["session.refused | user:2 | ada@example.com | user:2 | wrong code | -"],
        ),
        row(
            refused(None),
            &["session.refused | - | - | - | wrong code | -"],
        ),
        row(
            SignInsRefused {
                count: 70,
                network: "192.0.2.0/24".to_owned(),
                reason: "wrong code",
            },
            &["session.refusals | - | 70 more from 192.0.2.0/24 | - | wrong code | -"],
        ),
    ]
}

fn devices() -> Table {
    let registered = |is_limited| DeviceRegistered {
        device: device(is_limited),
        activated: Some(user()),
        risk: None,
    };
    let (signed_out, _) = device(false).sign_out(NOW).unwrap();
    let revoked = DeviceRevoked {
        ended: ended(),
        ..device(false).revoke(NOW).unwrap().1
    };
    let by_recovery = DeviceRevoked {
        by_recovery: Some(device(false).id),
        ..revoked.clone()
    };
    vec![
        row(
            registered(false),
            &["device.registered | device:5 | Laptop | user:2 | code | -"],
        ),
        row(
            registered(true),
            &["device.registered | device:5 | Laptop | user:2 | code | limited: yes"],
        ),
        row(
            DiagnosticDeviceCreated {
                device: device(false),
                email: user().email,
            },
            &[
                "device.probed | device:5 | Laptop | user:2 | in the name of ada@example.com, for three minutes at most | -",
            ],
        ),
        row(
            device(false).rename("Study".parse().unwrap()).1,
            &["device.renamed | device:5 | Study | user:2 | - | name: Laptop → Study"],
        ),
        row(
            device(true).approve(true).unwrap().1,
            &[
                "device.approved | device:5 | Laptop | user:2 | from another device | limited: yes → nothing",
            ],
        ),
        row(
            DeviceApprovalGranted {
                device: device(false),
                request: asking(Some("192.0.2.7")),
            },
            &[
                "device.approval_granted | device:5 | Laptop | user:2 | Firefox on Linux from 192.0.2.7 | -",
            ],
        ),
        row(
            DeviceApprovalDenied {
                device: device(false),
                request: asking(None),
                reason: ApprovalDenial::Denied,
            },
            &["device.approval_denied | device:5 | Laptop | user:2 | Firefox on Linux | -"],
        ),
        row(
            DeviceApprovalDenied {
                device: device(false),
                request: asking(Some("2001:db8::7")),
                reason: ApprovalDenial::WrongNumber,
            },
            &[
                "device.approval_denied | device:5 | Laptop | user:2 | Firefox on Linux from 2001:db8::7: wrong number | -",
            ],
        ),
        row(
            revoked,
            &[
                "device.revoked | device:5 | Laptop | user:2 | ended: 2 sessions, 1 passkey | state: active → revoked",
            ],
        ),
        row(
            by_recovery,
            &[
                "device.revoked | device:5 | Laptop | user:2 | by a device in recovery; ended: 2 sessions, 1 passkey | state: active → revoked",
            ],
        ),
        row(
            signed_out.revoke(NOW).unwrap().1,
            &["device.revoked | device:5 | Laptop | user:2 | - | state: signed out → revoked"],
        ),
        row(
            DevicesWeakened {
                devices: vec![device(false), device(true)],
            },
            &["device.weakened | device:5 | Laptop | user:2 | its passkey was removed | assurance: as of the removed passkey → as of those that are left";
                2],
        ),
    ]
}

fn passkeys() -> Table {
    vec![
        row(
            passkey().register(user()),
            &["passkey.added | passkey:4 | Key | user:2 | - | passkey: Key"],
        ),
        // The sign-in has an entry, and so the passkey needs none.
        row(
            passkey().use_on(
                device(false).id,
                device(false).id,
                "used".to_owned(),
                true,
                NOW,
            ),
            &[],
        ),
        row(
            passkey().rename("Spare".parse().unwrap()).1,
            &["passkey.renamed | passkey:4 | Spare | user:2 | - | name: Key → Spare"],
        ),
        row(
            PasskeyRemoved { passkey: passkey() },
            &["passkey.removed | passkey:4 | Key | user:2 | - | passkey: Key → nothing"],
        ),
    ]
}

pub(super) fn table() -> Table {
    [sign_ins(), devices(), passkeys(), recoveries()]
        .into_iter()
        .flatten()
        .collect()
}
