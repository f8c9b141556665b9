//! Assessing sign-ins.
//!
//! A sign-in is assessed in its transaction, whatever it is made with, and teaches the baseline in the same one. The same rows are
//! read and the same factors computed for each, so that the time does not tell the score.

use super::{behaviour::Behaviour, store};
use crate::{
    Engine, RequestOrigin, Result,
    database::{Reads, Writes},
    identity,
};
use latchkey_domain::{
    identity::{
        device::{AuthMethod, BrowserProfile, Device, DeviceKind, KnownBrowsers},
        user::User,
    },
    risk::{
        Baseline, Demand, DeviceSignal, Failures, Mode, NetworkKey, NetworkRule, NetworkVerdict,
        Reputation, RiskNote, Signals, StrongSignIn, assess, is_automated,
    },
};
use std::net::IpAddr;
use time::Duration;

/// For how long a request for approval that was denied counts.
pub(crate) const RECENT_DENIALS: Duration = Duration::DAY;

/// How many wrong codes a denial counts as: nobody denies by a slip of the finger.
const DENIAL: u64 = 5;

/// A sign-in that was assessed, to learn from it when its device is known.
pub(crate) struct AssessedSignIn {
    /// What is recorded.
    pub(crate) note: RiskNote,
    signals: Signals,
    baseline: Baseline,
    behaviour: Behaviour,
}

impl Engine {
    /// What is known of a request on `known`, or on a new device, apart from its user's failures.
    pub(super) async fn signals_of(
        &self,
        db: &impl Reads,
        ip: Option<IpAddr>,
        user_agent: Option<&str>,
        known: Option<&Device>,
    ) -> Result<Signals> {
        let now = self.now();
        let rules = store::network_rule::live_rules(db, now).await?;
        let risk = &self.inner.risk;
        let reputation = ip.and_then(|ip| match NetworkRule::verdict_about(&rules, ip, now) {
            Some(NetworkVerdict::Block) => Some(Reputation::Blocked),
            Some(NetworkVerdict::Allow) => Some(Reputation::Allowed),
            None => risk.block_lists.has(ip).map(|is_listed| match is_listed {
                true => Reputation::Listed,
                false => Reputation::Unlisted,
            }),
        });
        Ok(Signals {
            place: ip.and_then(|ip| risk.locations.place(ip)),
            network: ip.map(NetworkKey::from),
            reputation,
            other_browser: known.zip(user_agent).and_then(|(device, user_agent)| {
                (device.browsers).contradicted_by(BrowserProfile::of(user_agent))
            }),
            contradicts_device: known
                .zip(user_agent)
                .map(|(device, user_agent)| contradicts(device, user_agent)),
            is_automated: user_agent.map(is_automated),
            ..Signals::default()
        })
    }

    /// Assesses a sign-in on `known`, or on a device that is registered now; `None` if nothing is assessed.
    pub(crate) async fn assess_sign_in(
        &self,
        db: &impl Reads,
        user: &User,
        known: Option<&Device>,
        origin: &RequestOrigin,
    ) -> Result<Option<AssessedSignIn>> {
        let (mode, now) = (self.risk_mode(), self.now());
        if mode == Mode::Off {
            return Ok(None);
        }
        let failures = self.failures_before(db, user).await?;
        let behaviour = self.compare_behaviour(db, user).await?;
        let signals = Signals {
            behaviour: behaviour.finding.likelihood,
            is_synthetic: behaviour.finding.is_synthetic,
            device: Some(known.map_or(DeviceSignal::New, |device| {
                DeviceSignal::Registered(device.id)
            })),
            failures: Failures::new(failures).ok(),
            ..self
                .signals_of(db, origin.ip, Some(&origin.user_agent), known)
                .await?
        };
        let baseline = self.baseline_of(db, user.id).await?;
        let assessment = assess(&signals, &baseline, &self.inner.settings.risk.weights, now);
        let has_passkey = identity::store::passkey::count_by_user(db, user.id).await? > 0;
        let note = RiskNote {
            demand: Demand::of(assessment.level, has_passkey, known.is_none()),
            assessment,
            mode,
        };
        Ok(Some(AssessedSignIn {
            note,
            signals,
            baseline,
            behaviour,
        }))
    }

    /// The wrong codes for a user, and what they did not approve.
    async fn failures_before(&self, db: &impl Reads, user: &User) -> Result<u64> {
        let wrong = self.wrong_codes_before(db, &user.email).await?;
        let since = self.now() - RECENT_DENIALS;
        let denied = identity::store::approval::count_denied(db, user.id, since).await?;
        Ok(wrong.saturating_add(denied.saturating_mul(DENIAL)))
    }

    /// Learns from a sign-in, in its transaction.
    pub(crate) async fn learn_from(
        &self,
        db: &impl Writes,
        assessed: AssessedSignIn,
        method: AuthMethod,
        device: &Device,
    ) -> Result<()> {
        let AssessedSignIn {
            note,
            signals,
            mut baseline,
            behaviour,
        } = assessed;
        let now = self.now();
        // In shadow mode, too, a sign-in that would be held teaches nothing.
        match StrongSignIn::of(method, note.assessment.level) {
            Some(proof) => {
                baseline.learn(proof, &signals, device.id, now);
                self.learn_behaviour(db, device.user_id, method, behaviour)
                    .await?;
            }
            None => baseline.vouch(note.demand, method, &signals, device.id, now),
        }
        self.inner.risk.returns.forget(device.id);
        // Also where nothing was learnt: the time must not tell the score.
        self.save_baseline(db, device.user_id, &baseline).await
    }
}

/// Whether a browser says that it is another kind of thing than the device. Few points: it is all that is known of devices on which nobody
/// has authenticated since their browsers are known, and no more than that says of the others.
fn contradicts(device: &Device, user_agent: &str) -> bool {
    device.browsers == KnownBrowsers::default()
        && DeviceKind::from_user_agent(user_agent) != device.kind
}
