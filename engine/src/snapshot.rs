//! What verify answers from: devices, people with their grants, and services, in memory.
//!
//! Nothing here is written by hand: a miss loads rows, an audit entry drops what it touches. A row
//! that was read before a change but arrives after it must not stay, so every drop raises a
//! generation, and a load that began in an older generation is used once and not kept.

use crate::{Engine, Result, assertion::Kept, directory::Directory, store};
use latchkey_domain::{
    email::Email,
    id::{DeviceId, ServiceId, UserId},
    name::DisplayName,
    verify::{DeviceFacts, GrantFacts, OwnerFacts},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use time::OffsetDateTime;

/// Without news of the audit log for this long, nothing in here is certain.
const MAX_SILENCE: Duration = Duration::from_secs(1);

/// Between two looks at the audit log.
pub(crate) const POLL: Duration = Duration::from_millis(250);

/// A device's use is noted again after this long.
const NOTE_EVERY_SECONDS: i64 = 10;

/// Devices kept; beyond it the whole map is dropped and filled anew by use.
const MAX_DEVICES: usize = 2_000_000;

/// A device as verify needs it.
pub(crate) struct DeviceEntry {
    pub(crate) facts: DeviceFacts,
    pub(crate) secret_tag: Box<[u8]>,
    pub(crate) last_auth_at: OffsetDateTime,
    noted_at: AtomicI64,
}

/// A grant as verify needs it.
pub(crate) struct GrantEntry {
    pub(crate) facts: GrantFacts,
    pub(crate) subject: String,
    pub(crate) assertions: Mutex<Vec<Kept>>,
}

/// A person as verify needs them.
pub(crate) struct PersonEntry {
    pub(crate) facts: OwnerFacts,
    pub(crate) email: Email,
    pub(crate) name: DisplayName,
    pub(crate) grants: HashMap<ServiceId, GrantEntry>,
}

/// The memory that verify answers from.
pub(crate) struct Snapshot {
    devices: papaya::HashMap<DeviceId, Arc<DeviceEntry>>,
    people: papaya::HashMap<UserId, Arc<PersonEntry>>,
    pub(crate) directory: RwLock<Option<Arc<Directory>>>,
    generation: AtomicU64,
    /// Held while something is kept or dropped, so that the two cannot interleave.
    keeping: Mutex<()>,
    seen_seq: AtomicI64,
    started: Instant,
    /// Milliseconds after `started` of the last good look at the log; 0: nobody follows it.
    news_at: AtomicU64,
    /// Uses not yet written: when, and from where.
    uses: Mutex<HashMap<DeviceId, (i64, Option<String>)>>,
}

impl Snapshot {
    pub(crate) fn new(seen_seq: i64) -> Self {
        Self {
            devices: papaya::HashMap::new(),
            people: papaya::HashMap::new(),
            directory: RwLock::new(None),
            generation: AtomicU64::new(0),
            keeping: Mutex::new(()),
            seen_seq: AtomicI64::new(seen_seq),
            started: Instant::now(),
            news_at: AtomicU64::new(0),
            uses: Mutex::default(),
        }
    }

    pub(crate) fn seen_seq(&self) -> i64 {
        self.seen_seq.load(Ordering::SeqCst)
    }

    pub(crate) fn set_seen_seq(&self, seq: i64) {
        self.seen_seq.fetch_max(seq, Ordering::SeqCst);
    }

    /// Notes that the log was read just now.
    pub(crate) fn heard(&self) {
        let millis = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.news_at.store(millis.max(1), Ordering::SeqCst);
    }

    /// Whether the log is followed and was read within [`MAX_SILENCE`].
    pub(crate) fn is_current(&self) -> bool {
        match self.news_at.load(Ordering::SeqCst) {
            0 => false,
            heard => {
                self.started
                    .elapsed()
                    .saturating_sub(Duration::from_millis(heard))
                    <= MAX_SILENCE
            }
        }
    }

    /// Drops whatever an entry touches: the device that is its target, the person it concerns, the
    /// services if it is about one.
    pub(crate) fn forget(&self, row: &store::audit::Model) {
        let _keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        if let Some(device) = row
            .target
            .strip_prefix("device:")
            .and_then(|id| id.parse::<DeviceId>().ok())
        {
            self.devices.pin().remove(&device);
        }
        if let Some(subject) = row.subject {
            self.people.pin().remove(&UserId::from_uuid(subject));
        }
        if row.action.starts_with("service.") {
            *self
                .directory
                .write()
                .unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Runs `keep` unless something was dropped since `generation`.
    pub(crate) fn keep_if_current(&self, generation: u64, keep: impl FnOnce()) {
        let _keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        if self.generation() == generation {
            keep();
        }
    }

    /// Notes a use of a device, seldom enough to cost nothing.
    pub(crate) fn note_use(&self, device: &DeviceEntry, now: OffsetDateTime) {
        let now = now.unix_timestamp();
        let noted = device.noted_at.load(Ordering::Relaxed);
        if now >= noted + NOTE_EVERY_SECONDS
            && device
                .noted_at
                .compare_exchange(noted, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            self.note_seen(device.facts.id, now, None);
        }
    }

    /// Notes that a device was seen, to be written with the next batch.
    pub(crate) fn note_seen(&self, device: DeviceId, now: i64, ip: Option<String>) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = uses.entry(device).or_insert((now, None));
        entry.0 = entry.0.max(now);
        if ip.is_some() {
            entry.1 = ip;
        }
    }

    fn take_uses(&self) -> HashMap<DeviceId, (i64, Option<String>)> {
        std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Engine {
    /// A device, from memory or by one indexed query.
    pub(crate) async fn device_entry(&self, id: DeviceId) -> Result<Option<Arc<DeviceEntry>>> {
        let snapshot = &self.inner.snapshot;
        // An entry whose time is over is read again: another process may have renewed the device.
        let now = self.now();
        if let Some(entry) = snapshot
            .devices
            .pin()
            .get(&id)
            .filter(|entry| entry.facts.expires_at > now)
        {
            return Ok(Some(Arc::clone(entry)));
        }
        let generation = snapshot.generation();
        let Some(row) = store::device::find(&self.inner.db, id).await? else {
            return Ok(None);
        };
        let entry = Arc::new(DeviceEntry {
            facts: row.facts(),
            secret_tag: row.secret_tag.into_boxed_slice(),
            last_auth_at: store::at(row.last_auth_at),
            noted_at: AtomicI64::new(row.last_seen_at),
        });
        snapshot.keep_if_current(generation, || {
            let devices = snapshot.devices.pin();
            if devices.len() >= MAX_DEVICES {
                devices.clear();
            }
            devices.insert(id, Arc::clone(&entry));
        });
        Ok(Some(entry))
    }

    /// A person with their grants, from memory or the database.
    pub(crate) async fn person_entry(&self, id: UserId) -> Result<Option<Arc<PersonEntry>>> {
        let snapshot = &self.inner.snapshot;
        if let Some(entry) = snapshot.people.pin().get(&id) {
            return Ok(Some(Arc::clone(entry)));
        }
        let generation = snapshot.generation();
        let Some(row) = store::user::find(&self.inner.db, id).await? else {
            return Ok(None);
        };
        let mut grants = HashMap::new();
        for grant in store::grant::rows_of(&self.inner.db, id).await? {
            let facts = GrantFacts {
                scopes: store::grant::scopes(&grant.scopes),
                origin: store::grant::origin(&grant.origin),
                expires_at: grant.expires_at.map(store::at),
            };
            let subject = self.open_subject(&grant)?;
            grants.insert(
                ServiceId::from_uuid(grant.service_id),
                GrantEntry {
                    facts,
                    subject,
                    assertions: Mutex::default(),
                },
            );
        }
        let entry = Arc::new(PersonEntry {
            facts: OwnerFacts {
                role: row.role(),
                is_disabled: row.disabled_at.is_some(),
            },
            email: store::parsed(&row.email)?,
            name: store::parsed(&row.name)?,
            grants,
        });
        snapshot.keep_if_current(generation, || {
            snapshot.people.pin().insert(id, Arc::clone(&entry));
        });
        Ok(Some(entry))
    }

    /// Writes the uses noted since the last time. What cannot be written is noted again.
    pub(crate) async fn write_uses(&self) {
        for (device, (when, ip)) in self.inner.snapshot.take_uses() {
            if let Err(cause) = store::device::seen(&self.inner.db, device, when, ip.clone()).await
            {
                tracing::warn!(%cause, "a device's last use could not be written");
                self.inner.snapshot.note_seen(device, when, ip);
            }
        }
    }
}
