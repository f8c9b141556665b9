//! What a baseline learns, and from whom.

use super::{
    assessment::Level,
    baseline::{
        Baseline, MAX_DEVICES, MAX_NETWORKS, MAX_PLACES, MAX_VOUCHED, MIN_WEIGHT, Seen, Vouched,
    },
    challenge::Demand,
    signals::Signals,
};
use crate::{id::DeviceId, identity::device::AuthMethod};
use time::{Duration, OffsetDateTime};

/// How long a device's return from a network is usual after it authenticated there.
const VOUCHED_FOR: Duration = Duration::days(7);

/// A sign-in that may teach a baseline: with a passkey, on this device or on the one that approved it, and not held. Whoever
/// stole a code or a cookie cannot make themselves usual.
#[derive(Debug, Clone, Copy)]
pub struct StrongSignIn(());

impl StrongSignIn {
    /// The proof, if it is one.
    #[must_use]
    pub const fn of(method: AuthMethod, level: Level) -> Option<Self> {
        let is_strong = match method {
            AuthMethod::PasskeySynced | AuthMethod::PasskeyDeviceBound => {
                !matches!(level, Level::Held)
            }
            // What a held sign-in waits for.
            AuthMethod::Approval => true,
            AuthMethod::Code
            | AuthMethod::LinkAndCode
            | AuthMethod::PasskeyRemoved
            | AuthMethod::Recovery
            | AuthMethod::Diagnostic => false,
        };
        if is_strong { Some(Self(())) } else { None }
    }
}

fn see<T: PartialEq>(
    seen: &mut Vec<Seen<T>>,
    item: T,
    is_same: impl Fn(&T, &T) -> bool,
    most: usize,
    at: i64,
) {
    match seen.iter_mut().find(|known| is_same(&known.item, &item)) {
        Some(known) => {
            known.weight += 1.0;
            known.last_at = at;
        }
        None => {
            if seen.len() >= most {
                // The least, and of those the oldest: what is seen now always finds room.
                let least = (seen.iter().enumerate())
                    .min_by(|(_, a), (_, b)| {
                        (a.weight.total_cmp(&b.weight)).then(a.last_at.cmp(&b.last_at))
                    })
                    .map(|(index, _)| index);
                if let Some(index) = least {
                    seen.swap_remove(index);
                }
            }
            seen.push(Seen {
                item,
                weight: 1.0,
                last_at: at,
            });
        }
    }
}

fn scale<T>(seen: &mut Vec<Seen<T>>, by: f32) {
    for known in seen.iter_mut() {
        known.weight = (known.weight * by).clamp(0.0, 1e6);
    }
    seen.retain(|known| known.weight >= MIN_WEIGHT);
}

impl Baseline {
    fn forget(&mut self, now: OffsetDateTime) {
        let by = self.decay(now);
        scale(&mut self.places, by);
        scale(&mut self.networks, by);
        scale(&mut self.devices, by);
        self.hours.scale(by);
        self.updated_at = self.updated_at.max(now.unix_timestamp());
        let now = now.unix_timestamp();
        self.vouched.retain(|vouched| now < vouched.until);
    }

    /// Learns from a strong sign-in on a device.
    pub fn learn(
        &mut self,
        _proof: StrongSignIn,
        signals: &Signals,
        device: DeviceId,
        now: OffsetDateTime,
    ) {
        self.forget(now);
        let at = now.unix_timestamp();
        if self.sign_ins == 0 {
            self.begun_at = Some(at);
        }
        self.sign_ins = self.sign_ins.saturating_add(1);
        self.hours.add(now);
        see(
            &mut self.devices,
            device.uuid(),
            PartialEq::eq,
            MAX_DEVICES,
            at,
        );
        if let Some(network) = signals.network {
            see(&mut self.networks, network, PartialEq::eq, MAX_NETWORKS, at);
        }
        if let Some(place) = signals.place.filter(super::Place::is_known) {
            see(
                &mut self.places,
                place,
                super::Place::is_one_with,
                MAX_PLACES,
                at,
            );
            self.last = Some((place, at));
        }
    }

    /// Notes that a device authenticated in a network as was asked for: for a week, its return from there is usual. Nothing
    /// else becomes so.
    pub fn vouch(
        &mut self,
        demand: Demand,
        method: AuthMethod,
        signals: &Signals,
        device: DeviceId,
        now: OffsetDateTime,
    ) {
        let Some(network) = signals.network.filter(|_| demand.is_met_by(method)) else {
            return;
        };
        self.forget(now);
        let (device, until) = (device.uuid(), (now + VOUCHED_FOR).unix_timestamp());
        self.vouched
            .retain(|vouched| (vouched.device, vouched.network) != (device, network));
        if self.vouched.len() >= MAX_VOUCHED {
            self.vouched.remove(0);
        }
        self.vouched.push(Vouched {
            device,
            network,
            until,
        });
    }
}
