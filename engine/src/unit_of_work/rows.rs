//! What rows an event writes.

use crate::{
    Result,
    access::store::{
        access_grant,
        service::{self, token},
    },
    database::Writes,
    ephemeral::store::EphemeralStore,
    identity::store::{device, enrolment, passkey, recovery, recovery_mail, role, totp, user},
    notification::store::mail,
    risk::store::{baseline, behaviour_exemption, behaviour_template, network_rule},
    tokens::store::{client, device_authorization, device_key, family, revoked_token},
};
use latchkey_domain::event::Event;
use time::OffsetDateTime;

pub(super) async fn write(
    db: &impl Writes,
    sessions: &EphemeralStore,
    event: &Event,
    now: OffsetDateTime,
) -> Result<()> {
    match event {
        Event::SetupLinkMade(event) => enrolment::replace(db, &event.link).await?,
        Event::UserAdded(event) => {
            user::insert(db, &event.user).await?;
            if let Some(link) = &event.invitation {
                enrolment::insert(db, link).await?;
            }
        }
        Event::UserInvited(event) => enrolment::replace(db, &event.link).await?,
        Event::EnrolmentLinkRevoked(event) => {
            enrolment::void_all(db, event.user.id).await?;
        }
        Event::UserRecovered(event) => enrolment::replace(db, &event.link).await?,
        Event::RecoveryCodesMade(event) => recovery::replace(db, &event.codes).await?,
        Event::RecoveryMailRequested(event) => {
            recovery_mail::replace(db, &event.confirmation).await?;
        }
        Event::RecoveryConfirmed(event) => device::save(db, &event.device).await?,
        Event::UserDisabled(event) => user::save(db, &event.user).await?,
        Event::UserEnabled(event) => user::save(db, &event.user).await?,
        Event::UserRoleChanged(event) => user::save(db, &event.user).await?,
        Event::RoleAdded(event) => role::insert(db, &event.role).await?,
        Event::RoleChanged(event) => role::save(db, &event.role).await?,
        Event::RoleDeleted(event) => role::delete(db, event.role.name).await?,
        Event::UserSignInChanged(event) => user::save(db, &event.user).await?,
        // With everything that belongs to them, by foreign keys.
        Event::UserDeleted(event) => user::delete(db, event.user.id).await?,
        Event::TotpProvisioned(event) => totp::set(db, &event.secret).await?,
        Event::TotpConfirmed(event) => totp::set(db, &event.secret).await?,
        Event::TotpRemoved(event) => totp::delete(db, event.user.id).await?,
        Event::DeviceRegistered(event) => {
            device::insert(db, &event.device).await?;
            if let Some(user) = &event.activated {
                user::save(db, user).await?;
            }
        }
        Event::NativeDeviceRegistered(event) => {
            device::insert(db, &event.device).await?;
            device_key::insert(db, &event.key).await?;
        }
        Event::DiagnosticDeviceCreated(event) => device::insert(db, &event.device).await?,
        Event::SignedIn(event) => {
            device::save(db, &event.device).await?;
            sessions
                .delete_sessions_of_device(db.connection(), event.device.id)
                .await?;
        }
        Event::SignedOut(event) => device::save(db, &event.device).await?,
        Event::SignInsEnded(event) => device::save_signed_out(db, &event.devices).await?,
        Event::DeviceRenamed(event) => device::save(db, &event.device).await?,
        Event::DeviceApproved(event) => device::save(db, &event.device).await?,
        Event::DeviceAssessed(event) => device::save(db, &event.device).await?,
        Event::NetworkRuleAdded(event) => network_rule::replace(db, &event.rule).await?,
        Event::NetworkRuleRemoved(event) => network_rule::delete(db, event.rule.range).await?,
        Event::BaselineErased(event) => {
            baseline::delete(db, event.user.id).await?;
            behaviour_template::delete(db, event.user.id).await?;
        }
        Event::BehaviourExempted(event) => {
            behaviour_template::delete(db, event.user.id).await?;
            behaviour_exemption::insert(db, event.user.id, now).await?;
        }
        Event::BehaviourIncluded(event) => behaviour_exemption::delete(db, event.user.id).await?,
        Event::BehaviourErased(event) => behaviour_template::delete(db, event.user.id).await?,
        Event::DeviceRevoked(event) => device::save(db, &event.device).await?,
        Event::DevicesWeakened(event) => {
            for one in &event.devices {
                device::save(db, one).await?;
            }
        }
        Event::PasskeyAdded(event) => {
            let passkey = &event.passkey;
            passkey::insert(db, passkey).await?;
            passkey::record_use(db, passkey.id, passkey.device_id, passkey.created_at).await?;
            user::save(db, &event.owner).await?;
        }
        Event::PasskeyUsed(event) => {
            let passkey = &event.passkey;
            passkey::save(db, passkey).await?;
            if let Some(now) = passkey.last_used_at {
                passkey::record_use(db, passkey.id, event.device, now).await?;
            }
        }
        Event::PasskeyRenamed(event) => passkey::save(db, &event.passkey).await?,
        Event::PasskeyRemoved(event) => passkey::delete(db, event.passkey.id).await?,
        Event::MailRetried(event) => mail::retry(db, event.mail, now).await?,
        Event::MailDiscarded(event) => mail::delete(db, event.mail).await?,
        Event::ServiceAdded(event) => {
            service::insert(db, &event.service).await?;
            token::insert(db, &event.token).await?;
        }
        Event::ServiceChanged(event) => service::save(db, &event.service).await?,
        Event::ServiceTokenRotated(event) => {
            token::retire(db, event.service.id, event.until).await?;
            token::insert(db, &event.token).await?;
        }
        Event::ServiceDeleted(event) => service::delete(db, event.service.id).await?,
        Event::GrantAdded(event) => access_grant::insert(db, &event.grant).await?,
        Event::GrantChanged(event) => access_grant::save(db, &event.grant).await?,
        Event::GrantRemoved(event) => access_grant::delete(db, event.grant.id).await?,
        Event::ClientAdded(event) => {
            client::insert(db, &event.client).await?;
            if let Some(secret) = &event.secret {
                client::secret::insert(db, secret).await?;
            }
        }
        Event::ClientSecretRotated(event) => {
            client::secret::retire(db, event.client.id, event.until).await?;
            client::secret::insert(db, &event.secret).await?;
        }
        Event::ClientDeleted(event) => client::delete(db, event.client.id).await?,
        Event::DeviceAuthorizationApproved(event) => {
            device_authorization::save(db, &event.authorization).await?;
        }
        Event::DeviceAuthorizationDenied(event) => {
            device_authorization::save(db, &event.authorization).await?;
        }
        Event::TokenFamilyStarted(event) => family::insert(db, &event.family).await?,
        Event::TokenRevoked(event) => {
            revoked_token::insert(db, event.digest, event.expires_at).await?;
        }
        Event::TokenFamilyEnded(event) => {
            family::delete(db, event.family.id).await?;
        }
        // Samples are sealed where the keys are, in the same transaction.
        Event::BehaviourPractised(_)
        // Counters and decisions about browsers are conditional statements of their own, a backup is a file, and a token is with its client.
        | Event::UserExported(_)
        | Event::CodeLockoutStarted(_)
        | Event::CodeLockoutLifted(_)
        | Event::DeviceApprovalGranted(_)
        | Event::DeviceApprovalDenied(_)
        // A code is used by a conditional statement of its own, and the device has events of its own.
        | Event::RecoveryStarted(_)
        | Event::RecoveryCancelled(_)
        | Event::SignInRefused(_)
        | Event::SignInsRefused(_)
        | Event::TokenIssued(_)
        | Event::TokenReplayed(_)
        | Event::KeyRotated(_)
        | Event::MasterKeyRotated(_)
        | Event::AuditPruned(_)
        | Event::BackupMade(_)
        | Event::BackupRestored(_) => {}
    }
    Ok(())
}
