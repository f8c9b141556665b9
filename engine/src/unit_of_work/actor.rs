//! Who does something, as the audit log names them.

use latchkey_domain::{
    access::permission::CurrentUser,
    id::{ClientId, UserId},
    identity::email::Email,
    name::DisplayName,
};
use std::{borrow::Cow, fmt};

/// Who does something.
#[derive(Debug, Clone)]
pub(crate) enum Actor {
    /// A user, by id and address.
    User(UserId, Email),
    /// A user through a program: by id and address, and the name of the program.
    UserOfProgram(UserId, Email, DisplayName),
    /// A client, by id and name.
    Client(ClientId, DisplayName),
    /// The command line.
    Operator,
    /// Whoever has not authenticated.
    Anonymous,
    /// Latchkey itself.
    System,
}

impl Actor {
    /// The name for whoever reads the log.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match self {
            Self::User(_, email) => email.as_str().into(),
            Self::UserOfProgram(_, email, program) => format!("{email} ({program})").into(),
            Self::Client(_, name) => name.as_str().into(),
            Self::Operator => "operator".into(),
            Self::Anonymous => "anonymous".into(),
            Self::System => "Latchkey".into(),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id, _) | Self::UserOfProgram(id, ..) => write!(f, "user:{id}"),
            Self::Client(id, _) => write!(f, "client:{id}"),
            Self::Operator => f.write_str("operator"),
            Self::Anonymous => f.write_str("anonymous"),
            Self::System => f.write_str("system"),
        }
    }
}

impl From<&CurrentUser> for Actor {
    fn from(current_user: &CurrentUser) -> Self {
        Self::User(current_user.user_id, current_user.email.clone())
    }
}
