//! What is known of a device in a few bits, and the mark of its last use, in one word.

use crate::risk::use_mark::{MARK_BITS, UseMark};
use latchkey_domain::{
    access::verify::DeviceFacts,
    identity::device::{AuthMethod, Device},
    risk::{Answer, DeviceRisk, Level},
};
use std::sync::atomic::{AtomicU32, Ordering};

const ACTIVE: u32 = 1;
const RECOVERING: u32 = 1 << 1;
const CHALLENGED: u32 = 1 << 2;
const LEVEL: u32 = 3;
const ANSWER: u32 = 5;
const METHOD: u32 = 7;
/// Where the mark begins.
const MARK: u32 = u32::BITS - MARK_BITS;

/// The bits, below the mark: three facts, two bits each for the level and the answer, four for the method.
pub(super) struct DeviceBits(AtomicU32);

/// The same as they were read.
#[derive(Clone, Copy)]
pub(super) struct LoadedBits(u32);

impl DeviceBits {
    /// Of a device of which no use was seen.
    pub(super) fn of(device: &Device) -> Self {
        let DeviceFacts {
            is_active,
            is_recovering,
            // Computed when the device is loaded: a decision compares bits, and no times.
            is_challenged,
            risk,
            ..
        } = DeviceFacts::from(device);
        let method = (0..).zip(AuthMethod::ALL);
        let method = method
            .into_iter()
            .find(|(_, one)| *one == device.auth_method);
        let fact = |is_so: bool, bit: u32| if is_so { bit } else { 0 };
        let bits = fact(is_active, ACTIVE)
            | fact(is_recovering, RECOVERING)
            | fact(is_challenged, CHALLENGED)
            | (risk.level as u32) << LEVEL
            | (risk.answer as u32) << ANSWER
            | method.map_or(0, |(place, _)| place) << METHOD;
        Self(AtomicU32::new(bits))
    }

    pub(super) fn load(&self) -> LoadedBits {
        LoadedBits(self.0.load(Ordering::Relaxed))
    }

    /// Notes the mark of the last use. Whichever is noted last of two that come at once, each was assessed.
    pub(super) fn note(&self, mark: UseMark) {
        let facts = self.load().0 & ((1 << MARK) - 1);
        self.0.store(facts | mark.bits() << MARK, Ordering::Relaxed);
    }
}

impl LoadedBits {
    pub(super) const fn is_active(self) -> bool {
        self.0 & ACTIVE != 0
    }

    pub(super) const fn is_recovering(self) -> bool {
        self.0 & RECOVERING != 0
    }

    pub(super) const fn is_challenged(self) -> bool {
        self.0 & CHALLENGED != 0
    }

    pub(super) const fn risk(self) -> DeviceRisk {
        DeviceRisk {
            level: match self.0 >> LEVEL & 3 {
                0 => Level::Low,
                1 => Level::Medium,
                2 => Level::High,
                _ => Level::Held,
            },
            answer: match self.0 >> ANSWER & 3 {
                0 => Answer::None,
                1 => Answer::Passkey,
                _ => Answer::DeviceBoundPasskey,
            },
        }
    }

    pub(super) fn auth_method(self) -> AuthMethod {
        let place = usize::try_from(self.0 >> METHOD & 15).unwrap_or_default();
        let method = AuthMethod::ALL.get(place);
        method.copied().unwrap_or(AuthMethod::Diagnostic)
    }

    pub(super) const fn mark(self) -> UseMark {
        UseMark::from_bits(self.0 >> MARK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::{
        id::{DeviceId, UserId},
        identity::device::{Authentication, DeviceKind, DeviceLimit, NewDevice},
    };
    use time::macros::datetime;
    use uuid::Uuid;

    fn registered(method: AuthMethod, note: &str) -> Device {
        let now = datetime!(2026-11-27 12:00 UTC);
        let new = NewDevice {
            id: DeviceId::from_uuid(Uuid::nil()),
            user_id: UserId::from_uuid(Uuid::nil()),
            name: "Laptop".parse().unwrap(),
            kind: DeviceKind::Computer,
            ip: None,
        };
        let proof = Authentication {
            at: now,
            method,
            limit: DeviceLimit::None,
            risk: note.parse().ok(),
            browser: None,
            secret_tag: Vec::new(),
            expires_at: now,
        };
        Device::register(new, proof).0
    }

    #[test]
    fn what_is_put_into_bits_comes_out_of_them() {
        for method in AuthMethod::ALL {
            for note in [
                "0 low enforce nothing",
                "30 medium enforce authentication",
                "55 high enforce passkey",
                "80 held enforce approval",
            ] {
                let device = registered(method, note);
                let bits = DeviceBits::of(&device);
                let facts = DeviceFacts::from(&device);
                for mark in [0, 1, (1 << MARK_BITS) - 1, 77] {
                    bits.note(UseMark::from_bits(mark));
                    let loaded = bits.load();
                    assert_eq!(loaded.mark().bits(), mark);
                    assert_eq!(loaded.auth_method(), method);
                    assert_eq!(loaded.risk(), facts.risk);
                    assert_eq!(
                        (loaded.is_active(), loaded.is_recovering()),
                        (facts.is_active, facts.is_recovering)
                    );
                    assert_eq!(loaded.is_challenged(), facts.is_challenged);
                }
            }
        }
    }
}
