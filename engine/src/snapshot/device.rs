//! Devices in memory, each in as few bytes as it needs: there may be millions.

use super::recent::Used;
use crate::{
    Engine, Result,
    keys::{KEY_ID_BYTES, TAG_BYTES},
    store,
};
use latchkey_domain::{
    device::DeviceState,
    id::{DeviceId, UserId},
    verify::DeviceFacts,
};
use std::sync::atomic::{AtomicU32, Ordering};
use time::{OffsetDateTime, macros::datetime};

/// A device's use is noted again after this long.
const NOTE_EVERY_SECONDS: i64 = 10;

/// The stored signature of a device's secret.
type SecretTag = [u8; KEY_ID_BYTES + TAG_BYTES];

/// A time in four bytes: seconds since 2020, until 2156. What lies outside moves to the nearest end,
/// where everything has ended long ago, or ends sooner than it should.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moment(u32);

impl Moment {
    const ZERO: i64 = datetime!(2020-01-01 00:00 UTC).unix_timestamp();
    const NEVER: Self = Self(u32::MAX);

    fn at(seconds: i64) -> Self {
        let since = seconds
            .saturating_sub(Self::ZERO)
            .clamp(0, i64::from(u32::MAX) - 1);
        Self(u32::try_from(since).unwrap_or_default())
    }

    fn maybe(seconds: Option<i64>) -> Self {
        seconds.map_or(Self::NEVER, Self::at)
    }

    fn seconds(self) -> i64 {
        Self::ZERO + i64::from(self.0)
    }

    fn time(self) -> Option<OffsetDateTime> {
        (self != Self::NEVER).then(|| store::at(self.seconds()))
    }
}

/// A device as it is kept.
pub(super) struct DeviceEntry {
    user_id: UserId,
    secret_tag: SecretTag,
    expires_at: Moment,
    last_auth_at: Moment,
    strong_auth_at: Moment,
    revoked_at: Moment,
    noted_at: AtomicU32,
}

/// A device as verify needs it.
#[derive(Clone, Copy)]
pub(crate) struct KnownDevice {
    pub(crate) facts: DeviceFacts,
    pub(crate) secret_tag: SecretTag,
    pub(crate) last_auth_at: OffsetDateTime,
    /// When its use was last noted.
    noted_at: Moment,
}

impl Used for DeviceEntry {
    fn used_at(&self) -> i64 {
        self.noted_at().seconds()
    }
}

impl DeviceEntry {
    fn new(row: &store::device::Model) -> Self {
        Self {
            user_id: UserId::from_uuid(row.user_id),
            // A signature of another length is nobody's, and nor are zeros.
            secret_tag: row.secret_tag.as_slice().try_into().unwrap_or([0; _]),
            expires_at: Moment::at(row.expires_at),
            last_auth_at: Moment::at(row.last_auth_at),
            strong_auth_at: Moment::maybe(row.strong_auth_at),
            revoked_at: Moment::maybe(row.revoked_at),
            noted_at: AtomicU32::new(Moment::at(row.last_seen_at).0),
        }
    }

    fn noted_at(&self) -> Moment {
        Moment(self.noted_at.load(Ordering::Relaxed))
    }

    fn known(&self, id: DeviceId) -> KnownDevice {
        KnownDevice {
            facts: DeviceFacts {
                id,
                user_id: self.user_id,
                state: (self.revoked_at.time())
                    .map_or(DeviceState::Active, |at| DeviceState::Revoked { at }),
                expires_at: store::at(self.expires_at.seconds()),
                strong_auth_at: self.strong_auth_at.time(),
            },
            secret_tag: self.secret_tag,
            last_auth_at: store::at(self.last_auth_at.seconds()),
            noted_at: self.noted_at(),
        }
    }

    /// Whether this call is the one that notes the use.
    fn is_noted_now(&self, before: Moment, now: i64) -> bool {
        self.noted_at
            .compare_exchange(
                before.0,
                Moment::at(now).0,
                Ordering::Relaxed,
                Ordering::Relaxed,
            )
            .is_ok()
    }
}

impl Engine {
    /// A device, from memory or by one indexed query.
    pub(crate) async fn known_device(&self, id: DeviceId) -> Result<Option<KnownDevice>> {
        let snapshot = &self.inner.snapshot;
        // An entry whose time is over is read again: another process may have renewed the device.
        let now = self.now();
        if let Some(known) = snapshot
            .devices
            .read(&id, |entry| entry.known(id))
            .filter(|known| known.facts.expires_at > now)
        {
            return Ok(Some(known));
        }
        // Boxed: a query's future is large, and the one around it is copied for every request.
        Box::pin(self.load_device(id)).await
    }

    async fn load_device(&self, id: DeviceId) -> Result<Option<KnownDevice>> {
        let snapshot = &self.inner.snapshot;
        let generation = snapshot.generation();
        let Some(row) = store::device::find(&self.inner.db, id).await? else {
            return Ok(None);
        };
        let entry = DeviceEntry::new(&row);
        let known = entry.known(id);
        snapshot.keep_if_current(generation, || snapshot.devices.insert(id, entry));
        Ok(Some(known))
    }

    /// Notes a use of a device and its owner, seldom enough to cost nothing.
    pub(crate) fn note_use(&self, device: &KnownDevice, now: OffsetDateTime) {
        let now = now.unix_timestamp();
        if now < device.noted_at.seconds() + NOTE_EVERY_SECONDS {
            return;
        }
        let snapshot = &self.inner.snapshot;
        let id = device.facts.id;
        let is_ours = |entry: &DeviceEntry| entry.is_noted_now(device.noted_at, now);
        if snapshot.devices.read(&id, is_ours) == Some(true) {
            snapshot.uses.note(id, now, None);
            let _ = snapshot
                .people
                .read(&device.facts.user_id, |person| person.note_use(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_weighs_less_than_a_hundred_bytes() {
        assert!(size_of::<(DeviceId, DeviceEntry)>() <= 96);
    }

    #[test]
    fn a_time_that_does_not_fit_ends_what_it_belongs_to_sooner() {
        for (seconds, kept) in [
            (1_795_262_400, 1_795_262_400),
            (0, Moment::ZERO),
            (i64::MIN / 2, Moment::ZERO),
            (i64::MAX, Moment::ZERO + i64::from(u32::MAX) - 1),
        ] {
            assert_eq!(Moment::at(seconds).seconds(), kept);
            assert!(Moment::maybe(Some(seconds)).time().is_some(), "never never");
        }
        assert_eq!(Moment::maybe(None).time(), None);
    }
}
