//! The use cases of Latchkey: one method of [`Engine`] for each thing a user, an administrator
//! or a service can ask. Owns the database, the keys, webauthn-rs and totp-rs; knows no HTTP.
//!
//! Each file is a noun; `store/<noun>.rs` holds its rows. Rows, audit entries and invalidations of a change commit in one
//! transaction (`unit_of_work`), or none of them, and the memory that answers `verify` is up to date before the method
//! returns.
#![forbid(unsafe_code)]

mod access;
mod audit;
mod backup;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench_support;
mod cache;
mod clock;
mod dashboard;
mod database;
mod engine;
mod ephemeral;
mod error;
mod identity;
mod keys;
mod notification;
mod personal_data;
mod relying_party;
mod request_origin;
mod risk;
mod rng;
#[cfg(any(test, feature = "bench"))]
mod seed;
#[cfg(test)]
mod test_engine;
#[cfg(test)]
mod test_log;
mod throttle;
mod tokens;
mod unit_of_work;

pub use access::access_grant::AccessGrantFilter;
pub use access::access_tokens::NewAccessTokens;
pub use access::forward::{
    Authorized, AuthorizedToken, ForwardDecision, OriginalRequest, Requester,
};
pub use access::service::{MyService, NewService};
pub use access::uncommitted_secret::UncommittedSecret;
pub use access::verify::{CallerCredentials, Granted, VerifyDecision};
pub use audit::checkpoint::{
    CheckpointFault, CheckpointJwk, CheckpointKeys, CheckpointKeysError, Checkpointed, Comparison,
    ReadCheckpoint, SignedCheckpoint,
};
pub use audit::export::{ChainedEvent, Export, ExportCheck, ExportFault, ExportLine, LineFault};
pub use audit::pruning::Pruned;
pub use audit::selection::{MAX_OWN_EVENTS, SelectedEvents};
pub use audit::sequencer::Unsealed;
pub use audit::verification::{Verification, VerificationOutcome};
pub use audit::walk::{ChainReport, PrunedEntries};
pub use backup::{
    Backup, BackupError, BackupFault, BackupOperation, ExistingFile, RestoreOptions, Restored,
    SealedValue,
};
pub use cache::service_index::ConflictingHost;
pub use clock::Clock;
pub use dashboard::{Dashboard, DayCount, ReasonCount};
pub use database::data_dir::{DataFault, Exposure, inspect as inspect_data_dir};
pub use database::lane::Lane;
pub use database::open_failure::DatabaseObstacle;
pub use database::permissions::{AccessFault, Ownership};
pub use database::schema::LostData;
pub use engine::{Engine, Settings};
pub use ephemeral::ceremony::CeremonyHandle;
pub use ephemeral::idempotency::{IdempotencyToken, IdempotentRequest, KeptResponse};
pub use ephemeral::redis::epoch::{RedisFault, RedisServer};
pub use ephemeral::redis::url::{RedisUrl, RedisUrlError};
pub use ephemeral::saved_request::SAVED_REQUEST_LIFETIME;
pub use ephemeral::session::{SessionError, SessionRow};
pub use error::{Conflict, Error, InvalidInput, MasterKeyFault, Noun, OpenError, Refusal, Result};
pub use identity::approval::{ApprovalObstacle, AskedApproval, AskingBrowser};
pub use identity::authentication::{
    CookieDigest, DeviceAuthentication, KnownBrowser, SessionFacts, SignedIn,
};
pub use identity::cascade::Revocation;
pub use identity::diagnostic_device::{DIAGNOSTIC_DEVICE_LIFETIME, DiagnosticDevice};
pub use identity::enrolment::{EnrolmentCode, EnrolmentPurpose, PendingEnrolment};
pub use identity::passkey::metadata::{AttestationPolicy, MetadataFault};
pub use identity::passkey::signal::CurrentPasskeys;
pub use identity::recovery::RecoveringLink;
pub use identity::session::LoadedSession;
pub use identity::session::SessionView;
pub use identity::totp::TotpState;
pub use identity::user::addition::NewUser;
pub use keys::device_cookie::IssuedCookie;
pub use keys::master_key_file::inspect as inspect_master_key;
pub use keys::master_key_text::KeyTextError;
pub use keys::purpose::{KeyPurpose, KeyState};
pub use keys::signing::{KeyView, PUBLISHED_BEFORE_USE};
pub use keys::usage::{KeyUse, MasterKeyLine, MasterKeyUsage};
pub use notification::mail::{DueMail, MailContent, RECOVERY_CONFIRMATION};
pub use notification::portal::MOST_UNREAD;
pub use personal_data::{erasure::Erasure, export::UserExport};
pub use relying_party::{PasskeySettings, PublicUrlFault};
pub use request_origin::RequestOrigin;
pub use risk::behaviour::{BehaviourView, TemplateView};
pub use risk::challenge::ChallengeReasons;
pub use risk::network_rule::NetworkRuleView;
pub use risk::overview::{
    MOST_UNUSUAL, OutlyingNetwork, OutlyingUser, RISK_DAYS, RiskDay, RiskOverview, SeenPlace,
};
pub use risk::replay::{
    MOST_REPLAYED, MOST_REPLAYED_DAYS, ReplayedUser, ReplayedWeight, RiskReplay,
};
pub use risk::settings::{RiskMode, RiskSettings};
pub use risk::shown::{AssessedEvent, UserRisk, UsualSignIns};
pub use risk::unusualness::Unusualness;
pub use risk::use_mark::CallerOrigin;
pub use rng::Rng;
pub use throttle::attempt::WrongCodes;
pub use throttle::failure_log::FailedAttempt;
pub use tokens::accepted_token::{AcceptedToken, TokenUser};
pub use tokens::authentication::ClientCredentials;
pub use tokens::client::NewClient;
pub use tokens::device_authorization::{AskedAuthorization, BegunAuthorization};
pub use tokens::dpop::ProvenRequest;
pub use tokens::error::TokenError;
pub use tokens::explanation::{TokenExplanation, TokenFault};
pub use tokens::introspection::{ActiveToken, Introspection, IntrospectionCaller};
pub use tokens::issue::{IssuedToken, TokenParameters};
pub use tokens::management::ProgramAuthentication;
pub use tokens::quota::TokenQuota;
pub use tokens::verify::PresentedToken;

pub use unit_of_work::{Resource, etag};

/// WebAuthn's wire types, as the pages exchange them with the browser.
pub use webauthn_rs::prelude::{
    CreationChallengeResponse, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse,
};
