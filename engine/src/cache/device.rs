//! Devices in memory, each in as few bytes as it needs: there may be millions.

use super::{
    bounded_cache::LastUsed,
    compact_time::{AtomicCompactTime, CompactTime},
    device_bits::DeviceBits,
};
use crate::{
    Engine, Result, database, identity,
    keys::keyring::{KEY_ID_BYTES, TAG_BYTES},
    risk::use_mark::UseMark,
};
use latchkey_domain::{
    access::verify::DeviceFacts,
    id::{DeviceId, UserId},
    identity::device::{AuthMethod, Device},
    risk::{DeviceRisk, Level, Mode},
};
use time::OffsetDateTime;

/// A device's use is noted again after this long.
const NOTE_EVERY_SECONDS: i64 = 10;

/// The stored signature of a device's secret.
type SecretTag = [u8; KEY_ID_BYTES + TAG_BYTES];

/// A device as it is kept.
pub(super) struct CachedDevice {
    user_id: UserId,
    secret_tag: SecretTag,
    expires_at: CompactTime,
    last_auth_at: CompactTime,
    passkey_verified_at: CompactTime,
    noted_at: AtomicCompactTime,
    bits: DeviceBits,
}

/// A device as verify needs it.
#[derive(Clone, Copy)]
pub(crate) struct KnownDevice {
    pub(crate) facts: DeviceFacts,
    pub(crate) secret_tag: SecretTag,
    pub(crate) last_auth_at: OffsetDateTime,
    pub(crate) auth_method: AuthMethod,
    /// Of its last use at a service, as far as that was assessed.
    pub(crate) use_mark: UseMark,
    /// When its use was last noted.
    noted_at: CompactTime,
}

impl LastUsed for CachedDevice {
    fn used_at(&self) -> i64 {
        self.noted_at.load().seconds()
    }
}

impl CachedDevice {
    fn new(device: &Device) -> Self {
        Self {
            user_id: device.user_id,
            // A signature of another length matches no secret, and nor do zeros.
            secret_tag: device.secret_tag.as_slice().try_into().unwrap_or([0; _]),
            expires_at: CompactTime::at(device.expires_at.unix_timestamp()),
            last_auth_at: CompactTime::at(device.last_auth_at.unix_timestamp()),
            passkey_verified_at: CompactTime::maybe(
                device
                    .passkey_verified_at
                    .map(OffsetDateTime::unix_timestamp),
            ),
            noted_at: AtomicCompactTime::new(CompactTime::at(device.last_seen_at.unix_timestamp())),
            bits: DeviceBits::of(device),
        }
    }

    fn known(&self, id: DeviceId) -> KnownDevice {
        let bits = self.bits.load();
        KnownDevice {
            facts: DeviceFacts {
                id,
                user_id: self.user_id,
                is_active: bits.is_active(),
                expires_at: database::at(self.expires_at.seconds()),
                passkey_verified_at: self.passkey_verified_at.time(),
                is_recovering: bits.is_recovering(),
                is_challenged: bits.is_challenged(),
                risk: bits.risk(),
            },
            secret_tag: self.secret_tag,
            last_auth_at: database::at(self.last_auth_at.seconds()),
            auth_method: bits.auth_method(),
            use_mark: bits.mark(),
            noted_at: self.noted_at.load(),
        }
    }
}

impl Engine {
    /// A device, from memory or by one indexed query.
    pub(crate) async fn known_device(
        &self,
        id: DeviceId,
        now: OffsetDateTime,
    ) -> Result<Option<KnownDevice>> {
        let snapshot = &self.inner.snapshot;
        // An entry whose time is over is read again: another process may have renewed the device.
        if let Some(known) = snapshot
            .devices
            .read(&id, |entry| entry.known(id))
            .filter(|known| known.facts.expires_at > now)
        {
            return Ok(Some(self.with_effect(known)));
        }
        let now = now.unix_timestamp();
        if snapshot.missing.has(&id, now) {
            return Ok(None);
        }
        // Boxed: a query's future is large, and the one around it is copied for every request.
        Box::pin(self.load_device(id, now)).await
    }

    async fn load_device(&self, id: DeviceId, now: i64) -> Result<Option<KnownDevice>> {
        let snapshot = &self.inner.snapshot;
        let generation = snapshot.generation();
        let Some(device) = identity::store::device::find(&self.read(), id).await? else {
            snapshot.keep_if_current(generation, || snapshot.missing.insert(id, now));
            return Ok(None);
        };
        let entry = CachedDevice::new(&device);
        let known = entry.known(id);
        snapshot.keep_if_current(generation, || snapshot.devices.insert(id, entry));
        Ok(Some(self.with_effect(known)))
    }

    /// What was assessed before scores lost their effect has none any more.
    fn with_effect(&self, mut known: KnownDevice) -> KnownDevice {
        if known.facts.risk.level != Level::Low && self.risk_mode() != Mode::Enforce {
            known.facts.risk = DeviceRisk::NONE;
        }
        known
    }

    /// Notes how a device is used at services, to see in one comparison that it is used like that again.
    pub(crate) fn note_use_mark(&self, device: &KnownDevice, mark: UseMark) {
        let devices = &self.inner.snapshot.devices;
        // If it was loaded again meanwhile, the next use is compared once more.
        let is_same = |entry: &CachedDevice| entry.secret_tag == device.secret_tag;
        let _ = devices.read(&device.facts.id, |entry| {
            if is_same(entry) {
                entry.bits.note(mark);
            }
        });
    }

    /// Notes a use of a device and its owner, seldom enough to cost nothing.
    pub(crate) fn note_use(&self, device: &KnownDevice, now: OffsetDateTime) {
        let now = now.unix_timestamp();
        if now < device.noted_at.seconds() + NOTE_EVERY_SECONDS {
            return;
        }
        let snapshot = &self.inner.snapshot;
        let id = device.facts.id;
        // Of those who come at once, one notes it.
        let is_ours =
            |entry: &CachedDevice| entry.noted_at.moves(device.noted_at, CompactTime::at(now));
        if snapshot.devices.read(&id, is_ours) == Some(true) {
            snapshot.uses.note(id, now, None);
            let _ = snapshot
                .users
                .read(&device.facts.user_id, |user| user.note_use(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cached_device_takes_96_bytes_including_allocator_overhead() {
        assert_eq!(size_of::<(DeviceId, CachedDevice)>(), 88);
    }
}
