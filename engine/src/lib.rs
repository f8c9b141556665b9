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
mod authority;
mod backup;
mod ceremony;
mod chain;
mod checkpoint;
mod client;
mod clock;
mod cookie;
mod crowd;
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
mod identify;
mod jws;
mod kept;
mod keys;
mod lane;
mod overview;
mod ownership;
#[doc(hidden)]
pub mod parts;
mod passkey;
mod probe;
mod refusal;
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
pub use backup::{Backup, BackupError, RestoreOptions, Restored};
pub use ceremony::CeremonyHandle;
pub use chain::ChainReport;
pub use checkpoint::{
    CheckpointFault, CheckpointKeys, CheckpointKeysError, Checkpointed, Comparison, ReadCheckpoint,
    SignedCheckpoint,
};
pub use client::Client;
pub use clock::Clock;
pub use cookie::IssuedCookie;
pub use data_dir::{DataFault, inspect as inspect_data_dir};
pub use directory::DisputedHost;
pub use engine::{Engine, Settings};
pub use enrolment::{EnrolmentLink, PendingEnrolment};
pub use error::{Error, OpenError, Refusal, Result};
pub use export::{ChainedEvent, Export, ExportCheck, ExportFault, ExportLine};
pub use forward::{Admitted, Caller, ForwardAnswer, Forwarded};
pub use grant::GrantFilter;
pub use identify::{CookieDigest, Identified, KnownBrowser, SessionFacts, SignedIn};
pub use jws::PublicKey;
pub use kept::KEPT_FOR;
pub use keys::inspect as inspect_master_key;
pub use lane::Lane;
pub use overview::{DayCount, Overview, ReasonCount};
pub use probe::{PROBE_LIFETIME, Probe};
pub use rng::Rng;
pub use service::{MyService, NewService};
pub use session::{LoadedSession, SessionRow};
pub use totp::TotpState;
pub use unrevealed::Unrevealed;
pub use user::NewUser;
pub use verify::{Answer, Granted};

/// WebAuthn's wire types, as the pages exchange them with the browser.
pub use webauthn_rs::prelude::{
    CreationChallengeResponse, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse,
};
