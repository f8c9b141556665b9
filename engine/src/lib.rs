//! The use cases of Latchkey: one method of [`Engine`] for each thing a person, an administrator
//! or a service can ask. Owns the database, the keys, webauthn-rs and totp-rs; knows no HTTP.
//!
//! Each file is a noun; `store/<noun>.rs` holds its rows. A change and its audit event commit in
//! one transaction, or neither does, and the in-memory snapshot that answers `verify` hears of it
//! before the method returns.
#![forbid(unsafe_code)]

mod assertion;
mod attached;
mod attempt;
mod audit;
mod authentication;
mod authority;
mod backup;
mod ceremony;
mod chain;
mod checkpoint;
mod clock;
mod cookie;
mod crowd;
mod dashboard;
mod data_dir;
mod device;
mod directory;
mod engine;
mod enrolment;
mod error;
mod export;
mod follow;
mod forward;
mod grant;
mod jws;
mod kept;
mod keys;
mod lane;
mod ownership;
#[doc(hidden)]
pub mod parts;
mod passkey;
mod probe;
mod refusal;
mod request_origin;
mod rng;
mod seal;
mod service;
mod session;
mod snapshot;
mod store;
mod token;
mod totp;
mod unrevealed;
mod user;
mod verify;
#[cfg(test)]
mod world;
mod write_ahead;

pub use attached::Revocation;
pub use attempt::WrongCodes;
pub use authentication::{
    CookieDigest, DeviceAuthentication, KnownBrowser, SessionFacts, SignedIn,
};
pub use backup::{Backup, BackupError, RestoreOptions, Restored};
pub use ceremony::CeremonyHandle;
pub use chain::ChainReport;
pub use checkpoint::{
    CheckpointFault, CheckpointKeys, CheckpointKeysError, Checkpointed, Comparison, ReadCheckpoint,
    SignedCheckpoint,
};
pub use clock::Clock;
pub use cookie::IssuedCookie;
pub use dashboard::{Dashboard, DayCount, ReasonCount};
pub use data_dir::{DataFault, inspect as inspect_data_dir};
pub use directory::ConflictingHost;
pub use engine::{Engine, Settings};
pub use enrolment::{EnrolmentLink, PendingEnrolment};
pub use error::{Error, OpenError, Refusal, Result};
pub use export::{ChainedEvent, Export, ExportCheck, ExportFault, ExportLine};
pub use forward::{Authorized, ForwardDecision, OriginalRequest, Requester};
pub use grant::AccessGrantFilter;
pub use jws::PublicKey;
pub use kept::SAVED_REQUEST_LIFETIME;
pub use keys::inspect as inspect_master_key;
pub use lane::Lane;
pub use probe::{DIAGNOSTIC_DEVICE_LIFETIME, DiagnosticDevice};
pub use request_origin::RequestOrigin;
pub use rng::Rng;
pub use service::{MyService, NewService};
pub use session::{LoadedSession, SessionRow};
pub use totp::TotpState;
pub use unrevealed::UncommittedSecret;
pub use user::NewUser;
pub use verify::{Granted, VerifyDecision};

/// WebAuthn's wire types, as the pages exchange them with the browser.
pub use webauthn_rs::prelude::{
    CreationChallengeResponse, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse,
};
