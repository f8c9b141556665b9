//! What is stored of a session, and why it may not be.

use latchkey_domain::id::DeviceId;
use time::OffsetDateTime;

/// A session's contents.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// The device it belongs to; revoking the device ends the session.
    pub device_id: Option<DeviceId>,
    /// Serialised contents.
    pub data: Vec<u8>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// Why a session was not stored.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Another session has its id.
    #[error("another session has this id")]
    IdTaken,
    /// The session, or the sign-in on its device, has ended.
    #[error("the session has ended")]
    Ended,
    /// The store does not answer.
    #[error(transparent)]
    Engine(#[from] crate::Error),
}

impl From<sea_orm::DbErr> for SessionError {
    fn from(cause: sea_orm::DbErr) -> Self {
        Self::Engine(cause.into())
    }
}
