//! Why a use case did not happen, as values: whoever shows them to a user has the sentences.

use latchkey_domain::{
    access::permission::PermissionError,
    access::rule::RulesError,
    access::service::{ServiceName, ServiceNameError},
    identity::email::{Email, EmailError},
    identity::user::{RoleError, RoleName},
    name::{DisplayName, NameError},
    tokens::{client::ClientError, scope::TokenScopeError},
};
use time::Duration;

/// Something that can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Noun {
    /// A user.
    #[error("user")]
    User,
    /// A device.
    #[error("device")]
    Device,
    /// A passkey.
    #[error("passkey")]
    Passkey,
    /// A service.
    #[error("service")]
    Service,
    /// An access grant.
    #[error("grant")]
    Grant,
    /// A client.
    #[error("client")]
    Client,
    /// A role.
    #[error("role")]
    Role,
    /// What a program asks its user to approve.
    #[error("authorization")]
    Authorization,
    /// A program that acts for a user.
    #[error("program")]
    TokenFamily,
    /// A notification.
    #[error("notification")]
    Notification,
    /// A mail that is to be sent.
    #[error("mail")]
    Mail,
    /// What is said of a network.
    #[error("rule about the network")]
    NetworkRule,
    /// An entry of the audit log.
    #[error("event")]
    Event,
}

/// Why a value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInput {
    /// Not an e-mail address.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// Not a display name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Not the name of a service.
    #[error(transparent)]
    ServiceName(#[from] ServiceNameError),
    /// Not rules for paths.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// Not a host.
    #[error("`{0}` is not a host")]
    Host(String),
    /// More hosts than a service can have.
    #[error("more than {most} hosts")]
    TooManyHosts {
        /// As many as it can have.
        most: usize,
    },
    /// A grant would expire in the past.
    #[error("expires in the past")]
    Expired,
    /// The old token of a service would be valid for too long, or for a negative time.
    #[error("overlap is not between 0 and {most}")]
    Overlap {
        /// The longest time.
        most: Duration,
    },
    /// The user is disabled.
    #[error("{0} is disabled")]
    Disabled(Email),
    /// Not scopes of access tokens.
    #[error(transparent)]
    TokenScopes(#[from] TokenScopeError),
    /// Not a redirect URI.
    #[error("`{0}` is not a redirect URI")]
    RedirectUri(String),
    /// Not the name of a service.
    #[error("there is no service `{0}`")]
    NoSuchService(String),
    /// Not a JWK set with a key that can be used.
    #[error("not a JWK set with a key for EdDSA, ES256 or RS256")]
    KeySet,
    /// A client cannot be like this.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Not the name of a role.
    #[error(transparent)]
    RoleName(#[from] RoleError),
    /// Nobody defined the role.
    #[error("there is no role `{0}`")]
    NoSuchRole(RoleName),
    /// Neither an address nor a network.
    #[error("`{0}` is not a network")]
    Network(String),
    /// A rule would be about too many addresses.
    #[error("too wide a network")]
    NetworkTooWide,
    /// Not the address of the user who practises.
    #[error("not the user's address")]
    OtherEmail,
    /// Not a number of six digits.
    #[error("not six digits")]
    NotSixDigits,
    /// Nothing was measured, because it was not typed by hand.
    #[error("not typed by hand")]
    NotTyped,
    /// Not the name of a permission.
    #[error(transparent)]
    Permissions(#[from] PermissionError),
}

/// With what a change would clash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// This installation sends no mail.
    #[error("mail is not configured")]
    NoMail,
    /// The user signed in on the device since the recovery began on which the device that asks is.
    #[error("signed in since the recovery began")]
    SignedInSinceRecovery,
    /// Another user has the e-mail address.
    #[error("{0} is taken")]
    Email(Email),
    /// The user is disabled.
    #[error("the user is disabled")]
    Disabled,
    /// The user is the last administrator who can sign in.
    #[error("{0} is the last administrator")]
    LastAdministrator(Email),
    /// The user has as many devices as they can.
    #[error("{most} devices already")]
    TooManyDevices {
        /// As many as they can have.
        most: u64,
    },
    /// The user has as many passkeys as they can.
    #[error("{most} passkeys already")]
    TooManyPasskeys {
        /// As many as they can have.
        most: u64,
    },
    /// The user's last passkey would be removed.
    #[error("the last passkey")]
    LastPasskey,
    /// The user's last passkey would end with another device of theirs.
    #[error("the last passkey belongs to the device")]
    LastPasskeyOnDevice,
    /// The authenticator app would be removed from a user with fewer than two passkeys.
    #[error("fewer than two passkeys")]
    FewPasskeys,
    /// Another service has the name.
    #[error("{0} is taken")]
    ServiceName(ServiceName),
    /// Another client has the name.
    #[error("{0} is taken")]
    ClientName(DisplayName),
    /// Another role has the name.
    #[error("{0} is taken")]
    RoleName(RoleName),
    /// Users have the role.
    #[error("{users} users have the role")]
    RoleInUse {
        /// How many.
        users: u64,
    },
    /// The role is always there, as it is.
    #[error("the role is built in")]
    BuiltInRole,
    /// The user has no access to the service.
    #[error("no access to {0}")]
    NoAccess(ServiceName),
    /// The user can grant nothing of what a program asks for.
    #[error("nothing of it can be granted")]
    NothingToGrant,
    /// A public client has no secret.
    #[error("a public client has no secret")]
    PublicClient,
    /// Every installation has it.
    #[error("the client of the command line cannot be deleted")]
    CommandLineClient,
    /// How the user types is not compared.
    #[error("typing is not compared")]
    BehaviourNotCompared,
    /// There are as many rules about networks as there can be.
    #[error("{most} rules about networks already")]
    TooManyNetworkRules {
        /// As many as there can be.
        most: u64,
    },
    /// Another service has the host.
    #[error("{0} is taken")]
    Host(String),
    /// The next signing key has not been published for long enough.
    #[error("the next key is too new")]
    NextKeyTooNew,
}
