//! With what an actor did something: the device, the session, and the program that acted for them.

use crate::{RequestOrigin, keys::keyring};
use latchkey_domain::{
    access::permission::SessionDigest,
    id::{ClientId, DeviceId},
    identity::device::{Device, name_with_browser},
};

/// Bytes of a session's digest that an entry has: enough to tell sessions of a device apart.
const SESSION_BYTES: usize = 8;

/// With what an actor did something. Empty for the operator, for Latchkey itself, for programs that act for nobody, and for
/// whoever has not authenticated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ActedFrom {
    pub(crate) device: Option<DeviceId>,
    /// The name as it was: the device may be renamed or deleted.
    pub(crate) device_name: Option<String>,
    pub(crate) session: Option<String>,
    pub(crate) client: Option<ClientId>,
}

impl ActedFrom {
    /// A device, with the browser that asked.
    pub(crate) fn device(device: &Device, origin: &RequestOrigin) -> Self {
        Self {
            device: Some(device.id),
            device_name: Some(name_with_browser(&device.name, &origin.user_agent)),
            ..Self::default()
        }
    }

    /// In a session. The digest that is kept is not the one by which it is found: whoever reads the log, or a copy of it, has nothing
    /// to look up.
    pub(crate) fn in_session(self, session: Option<SessionDigest>) -> Self {
        let text = |session: SessionDigest| {
            let digest = keyring::digest("audit session", &session);
            hex::encode(&digest[..SESSION_BYTES])
        };
        Self {
            session: session.map(text),
            ..self
        }
    }

    /// Through a program that acts for a user.
    pub(crate) fn through(self, client: Option<ClientId>) -> Self {
        Self { client, ..self }
    }

    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
