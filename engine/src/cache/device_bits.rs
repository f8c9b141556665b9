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
        let bits = u32::from(is_active) * ACTIVE
            | u32::from(is_recovering) * RECOVERING
            | u32::from(is_challenged) * CHALLENGED
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
