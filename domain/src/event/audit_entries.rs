//! What the audit log says of an event.

mod fields;

use super::{ApprovalDenial, AuditEntry, Event, PRUNED_UP_TO, Target};
use crate::{
    access::access_grant::AccessGrantOrigin,
    audit::event::{Action, FieldChange},
    identity::approval::ApprovalRequest,
    identity::device::Device,
    identity::recovery::RecoveryBasis,
};
use fields::{
    added, between, browsers_field, changed, client_fields, device_fields, grant_fields,
    link_fields, listed, other_browser_field, recovery_fields, removed, risk_field, role_fields,
    rule_fields, service_fields, state, user_fields,
};
use time::UtcOffset;

/// A device as signing out leaves it.
fn signed_out(device: &Device) -> AuditEntry {
    AuditEntry::of_device(Action::SignedOut, device).changes([changed(
        "state",
        "active",
        "signed out",
    )])
}

/// A browser that asks to be approved, and from where.
fn asking(request: &ApprovalRequest) -> String {
    match request.ip {
        Some(ip) => format!("{} from {ip}", request.browser),
        None => request.browser.to_string(),
    }
}

impl Event {
    /// What the audit log says: one entry for most events.
    #[must_use]
    #[expect(
        clippy::too_many_lines,
        reason = "one exhaustive match, a few lines an event"
    )]
    pub fn entries(&self) -> Vec<AuditEntry> {
        let entry = match self {
            Self::SetupLinkMade(_) => AuditEntry::new(Action::SetupLinked, Target::Nothing, ""),
            Self::UserAdded(event) => AuditEntry::of_user(Action::UserAdded, &event.user.named())
                .detail(if event.is_setup {
                    "first administrator"
                } else {
                    ""
                })
                .changes(added(user_fields(&event.user))),
            Self::UserInvited(event) => {
                AuditEntry::of_user(Action::UserInvited, &event.user.named())
                    .changes(added(link_fields(&event.link)))
            }
            Self::UserRecovered(event) => {
                AuditEntry::of_user(Action::UserRecovered, &event.user.named())
                    .detail(&event.ended)
                    .changes(added(link_fields(&event.link)))
            }
            Self::RecoveryCodesMade(event) => {
                let replaced = (event.replaced > 0).then(|| event.replaced.to_string());
                let made = event.codes.digests.len().to_string();
                AuditEntry::of_user(Action::RecoveryCodesMade, &event.user)
                    .changes([FieldChange::new("recovery codes", replaced, made)])
            }
            Self::RecoveryStarted(event) => {
                let entry = AuditEntry::of_device(Action::RecoveryStarted, &event.device);
                let entry = match event.basis {
                    RecoveryBasis::Code { left } => {
                        entry.detail(format!("recovery code, {left} left"))
                    }
                    RecoveryBasis::Link => entry.detail("enrolment link"),
                };
                entry.changes(added(recovery_fields(&event.device)))
            }
            Self::RecoveryMailRequested(event) => {
                AuditEntry::of_device(Action::RecoveryMailRequested, &event.device)
            }
            Self::RecoveryConfirmed(event) => AuditEntry::of_device(
                Action::RecoveryConfirmed,
                &event.device,
            )
            .changes([changed("mail", "required", "confirmed")]),
            Self::RecoveryCancelled(event) => {
                AuditEntry::of_device(Action::RecoveryCancelled, &event.device)
                    .detail("from another device")
                    .changes([changed("recovery", "under way", "cancelled")])
            }
            Self::EnrolmentLinkRevoked(event) => {
                AuditEntry::of_user(Action::EnrolmentLinkRevoked, &event.user)
            }
            Self::UserDisabled(event) => {
                AuditEntry::of_user(Action::UserDisabled, &event.user.named())
                    .detail(&event.ended)
                    .changes([changed("state", "enabled", "disabled")])
            }
            Self::UserEnabled(event) => {
                AuditEntry::of_user(Action::UserEnabled, &event.user.named())
                    .changes([changed("state", "disabled", "enabled")])
            }
            Self::UserDeleted(event) => {
                AuditEntry::of_user(Action::UserDeleted, &event.user.named())
                    .detail(&event.ended)
                    .changes(removed(user_fields(&event.user)))
            }
            Self::UserExported(event) => AuditEntry::of_user(Action::UserExported, &event.user),
            Self::UserRoleChanged(event) => {
                AuditEntry::of_user(Action::UserRoleChanged, &event.user.named())
                    .detail(&event.ended)
                    .changes([changed(
                        "role",
                        event.before.as_str(),
                        event.user.role.as_str(),
                    )])
            }
            Self::UserSignInChanged(event) => {
                let both = ["passkeys and codes", "passkeys only"];
                let is = usize::from(event.user.passkey_only);
                AuditEntry::of_user(Action::UserSignInChanged, &event.user.named())
                    .changes([changed("sign-in", both[1 - is], both[is])])
            }
            Self::RoleAdded(event) => AuditEntry::of_role(Action::RoleAdded, event.role.name)
                .changes(added(role_fields(event.role.permissions))),
            Self::RoleChanged(event) => AuditEntry::of_role(Action::RoleChanged, event.role.name)
                .changes(between(
                    role_fields(event.before),
                    role_fields(event.role.permissions),
                )),
            Self::RoleDeleted(event) => AuditEntry::of_role(Action::RoleDeleted, event.role.name)
                .changes(removed(role_fields(event.role.permissions))),
            Self::TotpProvisioned(event) => AuditEntry::of_user(
                Action::TotpProvisioned,
                &event.user,
            )
            .changes([changed("authenticator app", "", "provisioned")]),
            Self::TotpConfirmed(event) => AuditEntry::of_user(Action::TotpConfirmed, &event.user)
                .changes([changed(
                    "authenticator app",
                    if event.has_replaced {
                        "an older one"
                    } else {
                        ""
                    },
                    "a new one",
                )]),
            Self::TotpRemoved(event) => AuditEntry::of_user(Action::TotpRemoved, &event.user)
                .changes([changed("authenticator app", "set up", "")]),
            Self::CodeLockoutStarted(event) => {
                let action = match event.user {
                    Some(_) => Action::CodeLockoutStarted,
                    None => Action::SignInRefused,
                };
                AuditEntry::of_maybe_user(action, event.user.as_ref()).detail(event.reason)
            }
            Self::CodeLockoutLifted(event) => AuditEntry::of_user(
                Action::CodeLockoutLifted,
                &event.user,
            )
            .changes([changed("wrong codes", &event.wrong_codes.to_string(), "0")]),
            Self::DeviceRegistered(event) => {
                let limited = device_fields(&event.device).into_iter().skip(1).collect();
                AuditEntry::of_device(Action::DeviceRegistered, &event.device)
                    .detail(event.device.registration.as_str())
                    .changes(added(limited).chain([risk_field(event.risk.as_ref())]))
            }
            Self::NativeDeviceRegistered(event) => {
                AuditEntry::of_device(Action::DeviceRegistered, &event.device)
                    .detail(event.device.registration.as_str())
                    .changes(added(vec![("key", Some(event.key.thumbprint.clone()))]))
            }
            Self::DiagnosticDeviceCreated(event) => {
                let email = &event.email;
                AuditEntry::of_device(Action::DeviceProbed, &event.device)
                    .detail(format!("in the name of {email}, for three minutes at most"))
            }
            Self::SignedIn(event) => AuditEntry::of_device(Action::SignedIn, &event.device)
                .detail(event.device.auth_method.registration().as_str())
                .changes(
                    between(device_fields(&event.before), device_fields(&event.device))
                        .chain([browsers_field(&event.before, &event.device)])
                        .chain([risk_field(event.risk.as_ref())]),
                ),
            Self::DeviceAssessed(event) => {
                AuditEntry::of_device(Action::DeviceAssessed, &event.device)
                    .detail(&event.ended)
                    .changes(
                        between(device_fields(&event.before), device_fields(&event.device))
                            .chain([other_browser_field(event)])
                            .chain([risk_field(Some(&event.risk))]),
                    )
            }
            Self::NetworkRuleAdded(event) => {
                let after = rule_fields(&event.rule);
                let entry =
                    AuditEntry::new(Action::NetworkRuleAdded, Target::Nothing, event.rule.range);
                match &event.before {
                    Some(before) => entry.changes(between(rule_fields(before), after)),
                    None => entry.changes(added(after)),
                }
            }
            Self::NetworkRuleRemoved(event) => AuditEntry::new(
                Action::NetworkRuleRemoved,
                Target::Nothing,
                event.rule.range,
            )
            .changes(removed(rule_fields(&event.rule))),
            Self::BaselineErased(event) => AuditEntry::of_user(Action::BaselineErased, &event.user),
            Self::BehaviourExempted(event) => {
                AuditEntry::of_user(Action::BehaviourExempted, &event.user)
                    .changes([changed("typing", "compared", "exempt")])
            }
            Self::BehaviourIncluded(event) => {
                AuditEntry::of_user(Action::BehaviourIncluded, &event.user)
                    .changes([changed("typing", "exempt", "compared")])
            }
            Self::BehaviourPractised(event) => {
                AuditEntry::of_user(Action::BehaviourPractised, &event.user)
            }
            Self::BehaviourErased(event) => {
                AuditEntry::of_user(Action::BehaviourErased, &event.user)
            }
            Self::SignedOut(event) => signed_out(&event.device).detail(&event.ended),
            Self::SignInsEnded(event) => {
                let entry = |device| signed_out(device).detail(event.reason);
                return event.devices.iter().map(entry).collect();
            }
            Self::SignInRefused(event) => {
                AuditEntry::of_maybe_user(Action::SignInRefused, event.user.as_ref())
                    .detail(event.reason)
            }
            Self::SignInsRefused(event) => {
                let name = format!("{} more from {}", event.count, event.network);
                AuditEntry::new(Action::SignInsRefused, Target::Nothing, name).detail(event.reason)
            }
            Self::DeviceRenamed(event) => {
                AuditEntry::of_device(Action::DeviceRenamed, &event.device).changes([changed(
                    "name",
                    event.before.as_str(),
                    event.device.name.as_str(),
                )])
            }
            Self::DeviceApproved(event) => {
                AuditEntry::of_device(Action::DeviceApproved, &event.device)
                    .detail(match event.is_by_user {
                        true => "from another device",
                        false => "by an administrator",
                    })
                    .changes([changed("limited", "yes", "")])
            }
            Self::DeviceApprovalGranted(event) => {
                AuditEntry::of_device(Action::DeviceApprovalGranted, &event.device)
                    .detail(asking(&event.request))
            }
            Self::DeviceApprovalDenied(event) => {
                let asking = asking(&event.request);
                AuditEntry::of_device(Action::DeviceApprovalDenied, &event.device).detail(
                    match event.reason {
                        ApprovalDenial::Denied => asking,
                        ApprovalDenial::WrongNumber => format!("{asking}: wrong number"),
                    },
                )
            }
            Self::DeviceRevoked(event) => {
                let entry = AuditEntry::of_device(Action::DeviceRevoked, &event.device);
                let by = event.by_recovery.map(|_| "by a device in recovery");
                let ended = Some(event.ended.to_string()).filter(|text| !text.is_empty());
                let detail: Vec<_> = by.map(str::to_owned).into_iter().chain(ended).collect();
                entry.detail(detail.join("; ")).changes([changed(
                    "state",
                    state(event.before),
                    "revoked",
                )])
            }
            Self::DevicesWeakened(event) => {
                let entry = |device| {
                    AuditEntry::of_device(Action::DeviceWeakened, device)
                        .detail("its passkey was removed")
                        .changes([changed(
                            "assurance",
                            "as of the removed passkey",
                            "as of those that are left",
                        )])
                };
                return event.devices.iter().map(entry).collect();
            }
            Self::PasskeyAdded(event) => AuditEntry::of_passkey(
                Action::PasskeyAdded,
                &event.passkey,
            )
            .changes([changed("passkey", "", event.passkey.name.as_str())]),
            Self::PasskeyUsed(_) => return Vec::new(),
            Self::PasskeyRenamed(event) => {
                AuditEntry::of_passkey(Action::PasskeyRenamed, &event.passkey).changes([changed(
                    "name",
                    event.before.as_str(),
                    event.passkey.name.as_str(),
                )])
            }
            Self::PasskeyRemoved(event) => AuditEntry::of_passkey(
                Action::PasskeyRemoved,
                &event.passkey,
            )
            .changes([changed("passkey", event.passkey.name.as_str(), "")]),
            Self::MailRetried(event) => {
                AuditEntry::of_user(Action::MailRetried, &event.user).detail(&event.kind)
            }
            Self::MailDiscarded(event) => {
                AuditEntry::of_user(Action::MailDiscarded, &event.user).detail(&event.kind)
            }
            Self::ServiceAdded(event) => {
                AuditEntry::of_service(Action::ServiceAdded, &event.service)
                    .detail(listed(&event.service.hosts))
                    .changes(added(service_fields(&event.service)))
            }
            Self::ServiceChanged(event) => {
                AuditEntry::of_service(Action::ServiceChanged, &event.service)
                    .detail(listed(&event.service.hosts))
                    .changes(between(
                        service_fields(&event.before),
                        service_fields(&event.service),
                    ))
            }
            Self::ServiceTokenRotated(event) => {
                let overlap = format!("{} h", event.overlap.whole_hours());
                AuditEntry::of_service(Action::ServiceTokenRotated, &event.service)
                    .detail(format!("old one for {overlap} more"))
                    .changes([changed("overlap", "", &overlap)])
            }
            Self::ServiceDeleted(event) => {
                AuditEntry::of_service(Action::ServiceDeleted, &event.service)
                    .detail(&event.ended)
                    .changes(removed(service_fields(&event.service)))
            }
            Self::GrantAdded(event) => {
                let entry = AuditEntry::of_grant(Action::GrantAdded, &event.grant, &event.names)
                    .changes(added(grant_fields(&event.grant)));
                match event.grant.origin {
                    AccessGrantOrigin::Explicit => entry.detail(event.grant.scopes),
                    AccessGrantOrigin::Admin => entry.detail("administrator's first access"),
                }
            }
            Self::GrantChanged(event) => {
                AuditEntry::of_grant(Action::GrantChanged, &event.grant, &event.names)
                    .detail(event.grant.scopes)
                    .changes(between(
                        grant_fields(&event.before),
                        grant_fields(&event.grant),
                    ))
            }
            Self::GrantRemoved(event) => {
                AuditEntry::of_grant(Action::GrantRemoved, &event.grant, &event.names)
                    .changes(removed(grant_fields(&event.grant)))
            }
            Self::ClientAdded(event) => AuditEntry::of_client(Action::ClientAdded, &event.client)
                .changes(added(client_fields(&event.client))),
            Self::ClientSecretRotated(event) => {
                let overlap = format!("{} h", event.overlap.whole_hours());
                AuditEntry::of_client(Action::ClientSecretRotated, &event.client)
                    .detail(format!("old one for {overlap} more"))
                    .changes([changed("overlap", "", &overlap)])
            }
            Self::ClientDeleted(event) => {
                AuditEntry::of_client(Action::ClientDeleted, &event.client)
                    .changes(removed(client_fields(&event.client)))
            }
            Self::DeviceAuthorizationApproved(event) => {
                let scopes = event.authorization.scopes.to_string();
                AuditEntry::of_client_of(Action::TokenApproved, &event.client, &event.user)
                    .changes(added(vec![("scopes", Some(scopes))]))
            }
            Self::DeviceAuthorizationDenied(event) => {
                AuditEntry::of_client_of(Action::TokenDenied, &event.client, &event.user)
            }
            Self::TokenFamilyStarted(event) => {
                let family = &event.family;
                AuditEntry::of_client_of(Action::TokenFamilyStarted, &event.client, &event.user)
                    .detail(family.id)
                    .changes(added(vec![
                        ("scopes", Some(family.scopes.to_string())),
                        ("grant_type", Some(family.grant_type.as_str().to_owned())),
                        ("key", family.key.clone()),
                    ]))
            }
            Self::TokenFamilyEnded(event) => {
                AuditEntry::of_client_of(Action::TokenFamilyEnded, &event.client, &event.user)
                    .detail(format!("{}: {}", event.family.id, event.reason.as_str()))
            }
            Self::TokenIssued(event) => (event.user.as_ref())
                .map_or_else(
                    || AuditEntry::of_client(Action::TokenIssued, &event.client),
                    |user| AuditEntry::of_client_of(Action::TokenIssued, &event.client, user),
                )
                .detail(format!("{} for {}", event.token_id, event.audience))
                .changes(added(vec![
                    ("audience", Some(event.audience.to_string())),
                    ("scopes", Some(event.scopes.to_string())),
                    ("grant_type", Some(event.grant_type.as_str().to_owned())),
                ])),
            Self::TokenRevoked(event) => {
                AuditEntry::of_client(Action::TokenRevoked, &event.client).detail(&event.token_id)
            }
            Self::TokenReplayed(event) => {
                AuditEntry::of_client(Action::TokenReplayed, &event.client)
                    .detail(format!("{} for {}", event.token_id, event.audience))
            }
            Self::KeyRotated(event) => {
                let change = FieldChange::new("current", event.before.clone(), event.after.clone());
                AuditEntry::new(Action::KeyRotated, Target::Nothing, event.purpose)
                    .changes([change])
            }
            Self::MasterKeyRotated(event) => {
                let detail = format!("{} values are sealed under the active line", event.resealed);
                AuditEntry::new(Action::MasterKeyRotated, Target::Nothing, "master key")
                    .detail(detail)
            }
            Self::AuditPruned(event) => {
                let before = event.before.to_offset(UtcOffset::UTC);
                let (day, time) = (before.date(), before.time());
                AuditEntry::new(
                    Action::AuditPruned,
                    Target::Nothing,
                    format_args!("{PRUNED_UP_TO}{}", event.last),
                )
                .detail(format!("older than {day} {time} UTC"))
            }
            Self::BackupMade(event) => {
                let with = if event.has_key { "with" } else { "without" };
                AuditEntry::new(Action::BackupMade, Target::Nothing, &event.file)
                    .detail(format!("{with} the master key"))
            }
            Self::BackupRestored(event) => {
                let name = format!("the backup of {}", event.made_on);
                AuditEntry::new(Action::BackupRestored, Target::Nothing, name).detail(&event.ended)
            }
        };
        vec![entry]
    }
}
