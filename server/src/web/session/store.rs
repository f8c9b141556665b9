//! The engine's sessions as a store of tower-sessions: ids are hashed at rest, and the clock is the engine's.

use super::{Contents, KEY};
use async_trait::async_trait;
use latchkey_domain::access::permission::SessionDigest;
use latchkey_engine::{Engine, Error, Result, SessionError, SessionRow};
use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tower_sessions_core::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error as StoreError, Result as StoreResult},
};

/// The store, for one request.
pub(super) struct EngineStore {
    engine: Engine,
    noted: Mutex<Noted>,
}

/// What tower-sessions cannot hand on.
#[derive(Default)]
struct Noted {
    /// Of the session that was loaded.
    digest: Option<SessionDigest>,
    /// It was to be written and was not there any more.
    has_ended: bool,
    /// Why the engine failed: busy is another answer than broken.
    error: Option<Error>,
}

impl EngineStore {
    pub(super) fn new(engine: &Engine) -> Self {
        Self {
            engine: engine.clone(),
            noted: Mutex::default(),
        }
    }

    pub(super) fn digest(&self) -> Option<SessionDigest> {
        self.noted().digest
    }

    pub(super) fn has_ended(&self) -> bool {
        self.noted().has_ended
    }

    /// The engine's error behind one of tower-sessions.
    pub(super) fn error(&self, error: tower_sessions_core::session::Error) -> Error {
        let noted = self.noted().error.take();
        noted.unwrap_or_else(|| Error::internal(error))
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, error: Error) -> StoreError {
        let text = error.to_string();
        self.noted().error = Some(error);
        StoreError::Backend(text)
    }

    async fn write(&self, record: &Record, is_new: bool) -> StoreResult<()> {
        let data = serde_json::to_vec(&record.data)
            .map_err(|error| StoreError::Encode(error.to_string()))?;
        let contents = record
            .data
            .get(KEY)
            .cloned()
            .map(serde_json::from_value::<Contents>);
        let row = SessionRow {
            device_id: contents
                .transpose()
                .map_err(|error| StoreError::Encode(error.to_string()))?
                .map(|contents| contents.device_id),
            data,
            expires_at: record.expiry_date,
        };
        let id = bytes(record.id);
        let written = match is_new {
            true => self.engine.create_session(&id, row).await,
            false => self.engine.save_session(&id, row).await,
        };
        match written {
            Ok(()) => Ok(()),
            Err(SessionError::Engine(error)) => Err(self.fail(error)),
            Err(SessionError::IdTaken) => Err(self.fail(Error::internal(SessionError::IdTaken))),
            Err(SessionError::Ended) => {
                self.noted().has_ended = true;
                Err(StoreError::Backend(SessionError::Ended.to_string()))
            }
        }
    }
}

impl fmt::Debug for EngineStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EngineStore")
    }
}

#[async_trait]
impl SessionStore for EngineStore {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        self.write(record, true).await
    }

    async fn save(&self, record: &Record) -> StoreResult<()> {
        self.write(record, false).await
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let loaded: Result<_> = self.engine.load_session(&bytes(*id)).await;
        let Some(loaded) = loaded.map_err(|error| self.fail(error))? else {
            return Ok(None);
        };
        self.noted().digest = Some(loaded.digest);
        // Contents that cannot be read, such as those of an older version, are no sign-in.
        let data = serde_json::from_slice(&loaded.row.data).unwrap_or_default();
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: loaded.row.expires_at,
        }))
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        let deleted = self.engine.delete_session(&bytes(*id)).await;
        deleted.map_err(|error| self.fail(error))
    }
}

fn bytes(id: Id) -> [u8; 16] {
    id.0.to_le_bytes()
}
