//! What happened, in words, for each action of the audit log.

use super::{Key, m};
use latchkey_domain::audit::event::{Action, EventView};

/// What happened.
#[must_use]
pub const fn sentence(action: Action) -> Key {
    match action {
        Action::SetupLinked => m::ACTION_SETUP_LINKED,
        Action::UserAdded => m::ACTION_USER_ADDED,
        Action::UserInvited => m::ACTION_USER_INVITED,
        Action::EnrolmentLinkRevoked => m::ACTION_USER_LINK_REVOKED,
        Action::TotpProvisioned => m::ACTION_TOTP_PROVISIONED,
        Action::TotpConfirmed => m::ACTION_TOTP_CONFIRMED,
        Action::CodeLockoutStarted => m::ACTION_TOTP_PAUSED,
        Action::CodeLockoutLifted => m::ACTION_TOTP_RESUMED,
        Action::TotpRemoved => m::ACTION_TOTP_REMOVED,
        Action::UserDisabled => m::ACTION_USER_DISABLED,
        Action::UserEnabled => m::ACTION_USER_ENABLED,
        Action::UserDeleted => m::ACTION_USER_DELETED,
        Action::UserExported => m::ACTION_USER_EXPORTED,
        Action::UserSignInChanged => m::ACTION_USER_SIGN_IN_CHANGED,
        Action::RoleAdded => m::ACTION_ROLE_ADDED,
        Action::RoleChanged => m::ACTION_ROLE_CHANGED,
        Action::RoleDeleted => m::ACTION_ROLE_DELETED,
        Action::UserRoleChanged => m::ACTION_USER_ROLE_CHANGED,
        Action::RecoveryCodesMade => m::ACTION_RECOVERY_CODES_MADE,
        Action::RecoveryStarted => m::ACTION_RECOVERY_STARTED,
        Action::RecoveryMailRequested => m::ACTION_RECOVERY_MAIL_REQUESTED,
        Action::RecoveryConfirmed => m::ACTION_RECOVERY_CONFIRMED,
        Action::RecoveryCancelled => m::ACTION_RECOVERY_CANCELLED,
        Action::UserRecovered => m::ACTION_USER_RECOVERED,
        Action::DeviceRegistered => m::ACTION_DEVICE_REGISTERED,
        Action::DeviceProbed => m::ACTION_DEVICE_PROBED,
        Action::DeviceRenamed => m::ACTION_DEVICE_RENAMED,
        Action::DeviceApproved => m::ACTION_DEVICE_APPROVED,
        Action::DeviceApprovalGranted => m::ACTION_DEVICE_APPROVAL_GRANTED,
        Action::DeviceApprovalDenied => m::ACTION_DEVICE_APPROVAL_DENIED,
        Action::DeviceAssessed => m::ACTION_DEVICE_ASSESSED,
        Action::NetworkRuleAdded => m::ACTION_RISK_NETWORK_ADDED,
        Action::NetworkRuleRemoved => m::ACTION_RISK_NETWORK_REMOVED,
        Action::BaselineErased => m::ACTION_RISK_BASELINE_ERASED,
        Action::BehaviourExempted => m::ACTION_RISK_BEHAVIOUR_EXEMPTED,
        Action::BehaviourIncluded => m::ACTION_RISK_BEHAVIOUR_INCLUDED,
        Action::BehaviourPractised => m::ACTION_RISK_BEHAVIOUR_PRACTISED,
        Action::BehaviourErased => m::ACTION_RISK_BEHAVIOUR_ERASED,
        Action::DeviceWeakened => m::ACTION_DEVICE_WEAKENED,
        Action::DeviceRevoked => m::ACTION_DEVICE_REVOKED,
        Action::SignedIn => m::ACTION_SESSION_SIGNED_IN,
        Action::SignedOut => m::ACTION_SESSION_SIGNED_OUT,
        Action::SignInRefused => m::ACTION_SESSION_REFUSED,
        Action::SignInsRefused => m::ACTION_SESSION_REFUSALS,
        Action::PasskeyAdded => m::ACTION_PASSKEY_ADDED,
        Action::PasskeyRenamed => m::ACTION_PASSKEY_RENAMED,
        Action::PasskeyRemoved => m::ACTION_PASSKEY_REMOVED,
        Action::ServiceAdded => m::ACTION_SERVICE_ADDED,
        Action::ServiceChanged => m::ACTION_SERVICE_CHANGED,
        Action::ServiceTokenRotated => m::ACTION_SERVICE_TOKEN_ROTATED,
        Action::ServiceDeleted => m::ACTION_SERVICE_DELETED,
        Action::GrantAdded => m::ACTION_GRANT_ADDED,
        Action::GrantChanged => m::ACTION_GRANT_CHANGED,
        Action::GrantRemoved => m::ACTION_GRANT_REMOVED,
        Action::ClientAdded => m::ACTION_CLIENT_ADDED,
        Action::ClientSecretRotated => m::ACTION_CLIENT_SECRET_ROTATED,
        Action::ClientDeleted => m::ACTION_CLIENT_DELETED,
        Action::TokenApproved => m::ACTION_TOKEN_APPROVED,
        Action::TokenDenied => m::ACTION_TOKEN_DENIED,
        Action::TokenFamilyStarted => m::ACTION_TOKEN_FAMILY_STARTED,
        Action::TokenFamilyEnded => m::ACTION_TOKEN_FAMILY_ENDED,
        Action::TokenRevoked => m::ACTION_TOKEN_REVOKED,
        Action::TokenIssued => m::ACTION_TOKEN_ISSUED,
        Action::MailRetried => m::ACTION_MAIL_RETRIED,
        Action::MailDiscarded => m::ACTION_MAIL_DISCARDED,
        Action::TokenReplayed => m::ACTION_TOKEN_REPLAYED,
        Action::KeyRotated => m::ACTION_KEY_ROTATED,
        Action::MasterKeyRotated => m::ACTION_KEY_MASTER_ROTATED,
        Action::AuditPruned => m::ACTION_AUDIT_PRUNED,
        Action::BackupMade => m::ACTION_BACKUP_MADE,
        Action::BackupRestored => m::ACTION_BACKUP_RESTORED,
    }
}

/// What an entry of the audit log is about; an action of a newer version is shown by its name.
#[must_use]
pub fn sentence_of(event: &EventView) -> String {
    Action::from_word(&event.action)
        .map_or_else(|| event.action.clone(), |action| sentence(action).text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    #[test]
    fn an_action_is_told_in_a_sentence_and_an_unknown_one_by_its_name() {
        assert_eq!(Action::SignedIn.to_string(), "session.signed_in");
        assert_eq!(sentence(Action::SignedIn).text(), "Signed in");
        let mut sentences: Vec<_> = Action::ALL
            .iter()
            .map(|one| sentence(*one).text())
            .collect();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), Action::ALL.len());
        let mut event = EventView {
            seq: 1,
            time: OffsetDateTime::UNIX_EPOCH,
            actor: "system".to_owned(),
            actor_name: String::new(),
            action: "device.renamed".to_owned(),
            target: String::new(),
            target_name: String::new(),
            ip: None,
            detail: String::new(),
            changes: Vec::new(),
            device: None,
            device_name: None,
            session: None,
            client: None,
        };
        assert_eq!(sentence_of(&event), "A device was renamed");
        event.action = "tomorrow.invented".to_owned();
        assert_eq!(sentence_of(&event), "tomorrow.invented");
    }
}
