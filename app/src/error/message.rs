//! The sentences for what the engine returns as values.

use crate::{
    format,
    messages::{Key, Message, m},
};
use latchkey_domain::{
    access::rule::{MAX_RULES, MAX_TEXT_BYTES, METHODS, RuleProblem, RulesError},
    identity::email::{self, EmailError},
    name::{self, NameError},
    request::path::PathError,
    tokens::{
        access_token::MAX_LIFETIME,
        client::ClientError,
        scope::{MAX_SCOPE_LENGTH, MAX_SCOPES, TokenScopeError},
    },
};
use latchkey_engine::{Conflict, InvalidInput, Noun};

/// That something was there when the form was shown, and is no more.
pub(super) const fn gone(noun: Noun) -> Key {
    match noun {
        Noun::User => m::USER_GONE,
        Noun::Device => m::DEVICE_GONE,
        Noun::Passkey => m::PASSKEY_GONE,
        Noun::Service => m::SERVICE_GONE,
        Noun::Grant => m::GRANT_GONE,
        Noun::Client => m::CLIENT_GONE,
        Noun::Role => m::ROLE_GONE,
        Noun::Authorization => m::AUTHORIZATION_GONE,
        Noun::TokenFamily => m::TOKEN_FAMILY_GONE,
        Noun::Notification => m::NOTIFICATION_GONE,
        Noun::Mail => m::MAIL_GONE,
        Noun::NetworkRule => m::NETWORK_RULE_GONE,
        Noun::Event => m::EVENT_GONE,
    }
}

/// What is wrong with a value, and what to enter instead.
pub(super) fn of_input(reason: &InvalidInput) -> Message {
    match reason {
        InvalidInput::Email(error) => of_email(*error),
        InvalidInput::Name(error) => of_name(*error),
        InvalidInput::ServiceName(_) => m::INVALID_SERVICE_NAME.into(),
        InvalidInput::Rules(error) => of_rules(error),
        InvalidInput::Host(text) => m::invalid_host(text.as_str()),
        InvalidInput::TooManyHosts { most } => m::invalid_hosts(*most),
        InvalidInput::Expired => m::INVALID_EXPIRY.into(),
        InvalidInput::Overlap { most } => m::invalid_overlap(
            most.whole_days().unsigned_abs(),
            most.whole_hours().unsigned_abs(),
        ),
        InvalidInput::Disabled(email) => m::user_disabled_everywhere(email.as_str()),
        InvalidInput::TokenScopes(TokenScopeError::Text) => m::invalid_scope(MAX_SCOPE_LENGTH),
        InvalidInput::TokenScopes(TokenScopeError::TooMany) => m::invalid_scopes(MAX_SCOPES),
        InvalidInput::RedirectUri(text) => m::invalid_redirect_uri(text.as_str()),
        InvalidInput::NoSuchService(name) => m::invalid_audience(name.as_str()),
        InvalidInput::KeySet => m::INVALID_KEY_SET.into(),
        InvalidInput::Client(ClientError::Lifetime) => {
            m::invalid_client_lifetime(MAX_LIFETIME.whole_minutes().unsigned_abs())
        }
        InvalidInput::Client(error) => of_client(*error).into(),
        InvalidInput::RoleName(_) => m::INVALID_ROLE_NAME.into(),
        InvalidInput::NoSuchRole(name) => m::invalid_role(name.as_str()),
        InvalidInput::Network(text) => m::invalid_network(text.as_str()),
        InvalidInput::OtherEmail => m::INVALID_OTHER_EMAIL.into(),
        InvalidInput::NotSixDigits => m::INVALID_SIX_DIGITS.into(),
        InvalidInput::NotTyped => m::INVALID_NOT_TYPED.into(),
        InvalidInput::NetworkTooWide => m::INVALID_NETWORK_WIDE.into(),
        InvalidInput::Permissions(error) => m::invalid_permission(error.0.as_str()),
    }
}

/// Why a client cannot be like this.
const fn of_client(error: ClientError) -> Key {
    match error {
        ClientError::NoGrantType => m::INVALID_CLIENT_GRANTS,
        ClientError::PublicCredentials => m::INVALID_CLIENT_PUBLIC,
        ClientError::LoneRefreshToken => m::INVALID_CLIENT_REFRESH,
        ClientError::PublicKeys | ClientError::Lifetime => m::INVALID_CLIENT_KEYS,
        ClientError::NoAudience => m::INVALID_CLIENT_AUDIENCE,
    }
}

/// What is wrong with an e-mail address.
fn of_email(error: EmailError) -> Message {
    match error {
        EmailError::Empty => m::INVALID_EMAIL_EMPTY.into(),
        EmailError::TooLong => m::invalid_email_long(email::MAX_LENGTH),
        EmailError::Malformed => m::INVALID_EMAIL.into(),
    }
}

/// What is wrong with a display name.
#[must_use]
pub fn of_name(error: NameError) -> Message {
    match error {
        NameError::Empty => m::INVALID_NAME_EMPTY.into(),
        NameError::TooLong => m::invalid_name_long(name::MAX_CHARS),
        NameError::Unprintable => m::INVALID_NAME.into(),
    }
}

fn of_rules(error: &RulesError) -> Message {
    let problem = match &error.problem {
        RuleProblem::TooLong => m::invalid_rules_long(MAX_TEXT_BYTES),
        RuleProblem::TooMany => m::invalid_rules_many(MAX_RULES),
        RuleProblem::UnknownAudience(word) => m::invalid_rule_audience(word.as_str()),
        RuleProblem::Malformed => m::INVALID_RULE.into(),
        RuleProblem::UnknownMethod(word) => {
            m::invalid_rule_method(METHODS.join(", "), word.as_str())
        }
        RuleProblem::PartialWildcard => m::INVALID_RULE_WILDCARD.into(),
        RuleProblem::NotAPattern => m::INVALID_RULE_PATTERN.into(),
        RuleProblem::Path { pattern, cause } => {
            let cause = match cause {
                PathError::Malformed => m::INVALID_PATH,
                PathError::Ambiguous => m::INVALID_PATH_AMBIGUOUS,
            };
            m::invalid_rule_path(cause, pattern.as_str())
        }
    };
    m::invalid_rules(error.line, problem)
}

/// With what a change would clash, and what to do instead.
pub(super) fn of_conflict(reason: &Conflict) -> Message {
    match reason {
        Conflict::NoMail => m::CONFLICT_NO_MAIL.into(),
        Conflict::SignedInSinceRecovery => m::CONFLICT_SIGNED_IN_SINCE.into(),
        Conflict::Email(email) => m::conflict_email(email.as_str()),
        Conflict::Disabled => m::CONFLICT_DISABLED.into(),
        Conflict::LastAdministrator(email) => m::conflict_last_administrator(email.as_str()),
        Conflict::TooManyDevices { most } => m::conflict_devices(*most),
        Conflict::TooManyPasskeys { most } => m::conflict_passkeys(*most),
        Conflict::LastPasskey => m::CONFLICT_LAST_PASSKEY.into(),
        Conflict::LastPasskeyOnDevice => m::CONFLICT_LAST_PASSKEY_DEVICE.into(),
        Conflict::FewPasskeys => m::CONFLICT_FEW_PASSKEYS.into(),
        Conflict::ServiceName(name) => m::conflict_service_name(name.as_str()),
        Conflict::ClientName(name) => m::conflict_client_name(name.as_str()),
        Conflict::RoleName(name) => m::conflict_role_name(name.as_str()),
        Conflict::RoleInUse { users } => m::conflict_role_in_use(*users),
        Conflict::BuiltInRole => m::CONFLICT_BUILT_IN_ROLE.into(),
        Conflict::NoAccess(service) => m::conflict_no_access(service.as_str()),
        Conflict::NothingToGrant => m::CONFLICT_NOTHING_TO_GRANT.into(),
        Conflict::PublicClient => m::CONFLICT_PUBLIC_CLIENT.into(),
        Conflict::CommandLineClient => m::CONFLICT_COMMAND_LINE_CLIENT.into(),
        Conflict::BehaviourNotCompared => m::CONFLICT_BEHAVIOUR.into(),
        Conflict::TooManyNetworkRules { most } => m::conflict_network_rules(*most),
        Conflict::Host(host) => m::conflict_host(host.as_str()),
        Conflict::NextKeyTooNew => m::CONFLICT_NEXT_KEY.into(),
    }
}

/// How long to wait before the next attempt.
pub(super) fn throttled(wait: std::time::Duration) -> Message {
    m::error_throttled_wait(format::span(wait))
}
