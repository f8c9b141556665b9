//! What is usual for a user.

use super::{
    hours::Hours,
    place::{Nearness, Place},
    signals::NetworkKey,
};
use crate::id::DeviceId;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// After this long, a sign-in counts half.
pub const HALF_LIFE: Duration = Duration::days(30);

/// The most that is kept of each kind: what counts least is forgotten first.
pub(super) const MAX_PLACES: usize = 16;
pub(super) const MAX_NETWORKS: usize = 32;
pub(super) const MAX_DEVICES: usize = 32;
pub(super) const MAX_VOUCHED: usize = 16;

/// What counts less is forgotten: a place where a user was once, after four months.
pub(super) const MIN_WEIGHT: f32 = 0.06;

/// Before as many strong sign-ins, nothing is unusual.
const MATURE: u32 = 3;

/// Before as many sign-ins count, no hour is unusual.
const MATURE_HOURS: f32 = 5.0;

/// Something that was seen, how much it counts, and when it was seen last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen<T> {
    #[serde(rename = "i")]
    pub(super) item: T,
    #[serde(rename = "w")]
    pub(super) weight: f32,
    #[serde(rename = "t")]
    pub(super) last_at: i64,
}

/// A device authenticated in a network as was asked for, without teaching the baseline: for a while, its return from there is usual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Vouched {
    #[serde(rename = "d")]
    pub(super) device: Uuid,
    #[serde(rename = "n")]
    pub(super) network: NetworkKey,
    #[serde(rename = "u")]
    pub(super) until: i64,
}

/// What is usual for a user: where, when and on which devices they sign in. Learnt from strong sign-ins alone
/// ([`StrongSignIn`](super::StrongSignIn)), bounded in size, and forgotten with time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Baseline {
    /// How many strong sign-ins taught it.
    #[serde(rename = "n")]
    pub(super) sign_ins: u32,
    /// Up to when weights have decayed.
    #[serde(rename = "t")]
    pub(super) updated_at: i64,
    #[serde(rename = "p")]
    pub(super) places: Vec<Seen<Place>>,
    #[serde(rename = "w")]
    pub(super) networks: Vec<Seen<NetworkKey>>,
    #[serde(rename = "d")]
    pub(super) devices: Vec<Seen<Uuid>>,
    #[serde(rename = "h")]
    pub(super) hours: Hours,
    /// Where and when the last strong sign-in was.
    #[serde(rename = "l")]
    pub(super) last: Option<(Place, i64)>,
    #[serde(rename = "v", default)]
    pub(super) vouched: Vec<Vouched>,
    /// When it began to learn, in Unix seconds.
    #[serde(rename = "b", default)]
    pub(super) begun_at: Option<i64>,
}

impl Baseline {
    /// Whether enough strong sign-ins taught it: before, nothing is unusual.
    #[must_use]
    pub const fn is_mature(&self) -> bool {
        self.sign_ins >= MATURE
    }

    /// By how much weights have decayed at `now`. A clock that was set back changes nothing.
    pub(super) fn decay(&self, now: OffsetDateTime) -> f32 {
        let seconds = now
            .unix_timestamp()
            .saturating_sub(self.updated_at)
            .clamp(0, HALF_LIFE.whole_seconds() * 64);
        #[expect(clippy::cast_precision_loss, reason = "rounding does not matter")]
        let half_lives = seconds as f32 / HALF_LIFE.as_seconds_f32();
        0.5_f32.powf(half_lives)
    }

    /// What still counts at `now`.
    pub(super) fn counted<'a, T>(
        &self,
        seen: &'a [Seen<T>],
        now: OffsetDateTime,
    ) -> impl Iterator<Item = &'a Seen<T>> + use<'a, T> {
        let decay = self.decay(now);
        (seen.iter()).filter(move |seen| seen.weight * decay >= MIN_WEIGHT)
    }

    /// When it began to learn, as far as it is known.
    pub(super) fn begun_at(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.begun_at?).ok()
    }

    /// How near a place is to the nearest usual one; `None` if none compares with it.
    pub(super) fn nearness(&self, place: &Place, now: OffsetDateTime) -> Option<Nearness> {
        self.counted(&self.places, now)
            .filter_map(|known| known.item.nearness(place))
            .min()
    }

    /// How near a network is to the nearest usual one; `None` if there is none.
    pub(super) fn network_nearness(
        &self,
        network: NetworkKey,
        now: OffsetDateTime,
    ) -> Option<Nearness> {
        self.counted(&self.networks, now)
            .map(|known| match known.item {
                known if known == network => Nearness::Same,
                known if known.is_beside(network) => Nearness::Near,
                _ => Nearness::Far,
            })
            .min()
    }

    /// Whether a strong sign-in was made on a device.
    pub(super) fn knows(&self, device: DeviceId, now: OffsetDateTime) -> bool {
        self.counted(&self.devices, now)
            .any(|known| known.item == device.uuid())
    }

    /// How much of an even day's density is at the hour of `at`, as habits count at `now`; `None` if the hours say nothing.
    pub(super) fn density_at(&self, at: OffsetDateTime, now: OffsetDateTime) -> Option<f64> {
        (self.is_mature() && self.hours.total() * self.decay(now) >= MATURE_HOURS)
            .then(|| self.hours.density(at))
            .flatten()
    }

    /// Whether a device authenticated in this network lately, as was asked for.
    pub(super) fn vouches(
        &self,
        device: DeviceId,
        network: NetworkKey,
        now: OffsetDateTime,
    ) -> bool {
        self.vouched.iter().any(|vouched| {
            (vouched.device, vouched.network) == (device.uuid(), network)
                && now.unix_timestamp() < vouched.until
        })
    }

    /// Whether it is one that can be, within its bounds: a stored one is read back.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        fn are_sound<T>(seen: &[Seen<T>], most: usize) -> bool {
            seen.len() <= most && seen.iter().all(|seen| (0.0..=1e6).contains(&seen.weight))
        }
        self.hours.is_sound()
            && are_sound(&self.places, MAX_PLACES)
            && are_sound(&self.networks, MAX_NETWORKS)
            && are_sound(&self.devices, MAX_DEVICES)
            && self.vouched.len() <= MAX_VOUCHED
    }
}
