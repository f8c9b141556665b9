//! Which returns of devices were assessed already: memory of this process, so that what comes as before costs one look-up in it.

use latchkey_domain::{
    id::DeviceId,
    identity::device::{BrowserProfile, DeviceKind},
    risk::{NetworkKey, is_automated},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};

/// The most devices that are remembered. What is forgotten is assessed once more.
const MOST: usize = 100_000;

/// The most returns of one device. Its user and a thief may take turns, and so may the two networks of a telephone.
const MOST_OF_DEVICE: usize = 8;

/// How long after an entry about a device no other one is written: whoever has its cookie could fill the log.
const QUIET: Duration = Duration::minutes(10);

/// The most assessments of one device within [`QUIET`]: each reads rows. Nobody changes networks as often.
const MOST_WHILE_QUIET: u8 = 30;

/// After this long, a device is assessed again although nothing changed: habits and lists do.
pub(super) const FRESH: Duration = Duration::hours(1);

/// What a browser says of itself, as much of it as is assessed: whatever else its header has, there are few of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) profile: BrowserProfile,
    pub(super) kind: DeviceKind,
    pub(super) is_automated: bool,
}

impl Claim {
    pub(super) fn of(user_agent: &str) -> Self {
        Self {
            profile: BrowserProfile::of(user_agent),
            kind: DeviceKind::from_user_agent(user_agent),
            is_automated: is_automated(user_agent),
        }
    }
}

/// What a return is told from another by. `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Return {
    pub(super) network: Option<NetworkKey>,
    pub(super) claim: Option<Claim>,
}

/// The assessments since a time, of a device with one secret: whoever authenticates begins anew.
struct Counted {
    since: OffsetDateTime,
    assessments: u8,
    secret_tag: Vec<u8>,
}

#[derive(Default)]
struct Remembered {
    /// The last ones, each with when it was assessed.
    assessed: Vec<(Return, OffsetDateTime)>,
    written_at: Option<OffsetDateTime>,
    /// The one because of which the device has to authenticate, with the stored signature of its secret then: an authentication
    /// replaces it.
    refused: Option<(Return, Vec<u8>)>,
    counted: Option<Counted>,
}

/// The returns that were assessed.
#[derive(Default)]
pub(super) struct Returns(Mutex<HashMap<DeviceId, Remembered>>);

impl Returns {
    fn of_device<R>(&self, device: DeviceId, act: impl FnOnce(&mut Remembered) -> R) -> R {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&device) {
            known.clear();
        }
        act(known.entry(device).or_default())
    }

    /// Whether this return of a device was assessed lately.
    pub(super) fn knows(&self, device: DeviceId, this: Return, now: OffsetDateTime) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_this = |(known, at): &(Return, OffsetDateTime)| {
            *known == this && *at <= now && now - *at < FRESH
        };
        known
            .get(&device)
            .is_some_and(|known| known.assessed.iter().any(is_this))
    }

    /// Counts an assessment. Returns whether there may be one: then it is counted.
    pub(super) fn may_assess(
        &self,
        device: DeviceId,
        secret_tag: &[u8],
        now: OffsetDateTime,
    ) -> bool {
        self.of_device(device, |known| {
            let is_counted = |counted: &Counted| {
                counted.secret_tag == secret_tag
                    && counted.since <= now
                    && now - counted.since < QUIET
            };
            match known.counted.as_mut().filter(|counted| is_counted(counted)) {
                Some(counted) if counted.assessments < MOST_WHILE_QUIET => {
                    counted.assessments += 1;
                    true
                }
                Some(_) => false,
                None => {
                    known.counted = Some(Counted {
                        since: now,
                        assessments: 1,
                        secret_tag: secret_tag.to_vec(),
                    });
                    true
                }
            }
        })
    }

    /// Notes that a return was assessed, and whether an entry about it may be written.
    pub(super) fn note(
        &self,
        device: DeviceId,
        this: Return,
        is_told: bool,
        now: OffsetDateTime,
    ) -> bool {
        self.of_device(device, |known| {
            let may_write = is_told
                && (known.written_at).is_none_or(|before| now < before || now - before >= QUIET);
            if may_write {
                known.written_at = Some(now);
            }
            known.assessed.retain(|(known, _)| *known != this);
            if known.assessed.len() >= MOST_OF_DEVICE {
                known.assessed.remove(0);
            }
            known.assessed.push((this, now));
            may_write
        })
    }

    /// Notes that a device has to authenticate because of a return. What else it came with is assessed anew afterwards.
    pub(super) fn refuse(&self, device: DeviceId, this: Return, secret_tag: Vec<u8>) {
        self.of_device(device, |known| {
            known.assessed.clear();
            known.written_at = None;
            known.refused = Some((this, secret_tag));
        });
    }

    /// Whether a device that owes an authentication does because of this return.
    pub(super) fn has_refused(&self, device: DeviceId, this: Return, secret_tag: &[u8]) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = known.get(&device).and_then(|known| known.refused.as_ref());
        refused.is_some_and(|(refused, tag)| *refused == this && tag == secret_tag)
    }

    /// Forgets a device: what comes of it next is assessed.
    pub(super) fn forget(&self, device: DeviceId) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&device);
    }
}
