//! Assessing sign-ins and the returns of devices.
//!
//! A sign-in is assessed in its transaction, whatever it is made with, and teaches the baseline in the same one. The same rows are
//! read and the same factors computed for each, so that the time does not tell the score.

use super::{behaviour::Behaviour, returns::Return, store};
use crate::{
    Engine, RequestOrigin, Result,
    database::{Reads, Writes},
    identity,
};
use latchkey_domain::{
    access::permission::CurrentUser,
    event::Ended,
    identity::{
        device::{AuthMethod, Device, DeviceKind},
        user::User,
    },
    risk::{
        Baseline, Demand, DeviceSignal, Failures, Level, Mode, NetworkKey, NetworkRule,
        NetworkVerdict, Reputation, RiskNote, Signals, StrongSignIn, assess, is_automated,
    },
};
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
    /// What is known of a request, apart from its device and its user's failures.
    async fn signals_of(&self, db: &impl Reads, origin: &RequestOrigin) -> Result<Signals> {
        let now = self.now();
        let rules = store::network_rule::live_rules(db, now).await?;
        let risk = &self.inner.risk;
        let reputation =
            origin
                .ip
                .and_then(|ip| match NetworkRule::verdict_about(&rules, ip, now) {
                    Some(NetworkVerdict::Block) => Some(Reputation::Blocked),
                    Some(NetworkVerdict::Allow) => Some(Reputation::Allowed),
                    None => risk.block_lists.has(ip).map(|is_listed| match is_listed {
                        true => Reputation::Listed,
                        false => Reputation::Unlisted,
                    }),
                });
        Ok(Signals {
            place: origin.ip.and_then(|ip| risk.locations.place(ip)),
            network: origin.ip.map(NetworkKey::from),
            reputation,
            is_automated: Some(is_automated(&origin.user_agent)),
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
            contradicts_device: known.map(|device| contradicts(device, &origin.user_agent)),
            ..self.signals_of(db, origin).await?
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

    /// Assesses a device that returned without signing in, when it comes from another network than before, or describes itself
    /// otherwise. Returns whether it has to authenticate now; then its sessions have ended.
    ///
    /// # Errors
    /// Internal only.
    pub async fn assess_return(
        &self,
        current_user: &CurrentUser,
        origin: &RequestOrigin,
    ) -> Result<bool> {
        let (mode, now) = (self.risk_mode(), self.now());
        let id = current_user.device_id;
        if mode == Mode::Off {
            return Ok(false);
        }
        let network = origin.ip.map(NetworkKey::from);
        let claimed = DeviceKind::from_user_agent(&origin.user_agent);
        let this = Return { network, claimed };
        let returns = &self.inner.risk.returns;
        if returns.knows(id, this, now) {
            return Ok(false);
        }
        let db = self.read();
        // One that owes something opens nothing already.
        let device = identity::store::device::find(&db, id).await?;
        let Some(device) = device.filter(|device| !device.is_challenged()) else {
            return Ok(false);
        };
        // Not the failures of others at this user's codes: strangers must not make a device authenticate.
        let signals = Signals {
            device: Some(DeviceSignal::Returning(id)),
            contradicts_device: Some(contradicts(&device, &origin.user_agent)),
            ..self.signals_of(&db, origin).await?
        };
        let baseline = self.baseline_of(&db, current_user.user_id).await?;
        let assessment = assess(&signals, &baseline, &self.inner.settings.risk.weights, now);
        let is_told = assessment.level > Level::Low;
        let risk = RiskNote {
            demand: Demand::of_return(assessment.level, current_user.has_passkey),
            assessment,
            mode,
        };
        let is_challenged = risk.enforced() != Demand::Nothing;
        // What has to authenticate is not remembered: a request that comes beside this one has to, too.
        if !is_challenged && !returns.note(id, this, is_told, now) {
            return Ok(false);
        }
        let before = device.secret_tag;
        let mut tx = self.begin_sign_in(current_user.user_id, origin).await?;
        let device = identity::store::device::find(&tx, id).await?;
        // Signed in or out meanwhile: that sign-in was assessed.
        let Some(device) = device.filter(|now| now.is_active() && now.secret_tag == before) else {
            return Ok(false);
        };
        let ended = match is_challenged {
            true => Ended::new([(tx.end_sessions_of_device(id).await?, "session")]),
            false => Ended::default(),
        };
        let (_, event) = device.assess_return(now, risk);
        tx.apply(latchkey_domain::event::DeviceAssessed { ended, ..event })
            .await?;
        tx.commit().await?;
        if is_challenged {
            returns.forget(id);
        }
        Ok(is_challenged)
    }
}

/// Whether a browser says that it is another kind of thing than the device. A phone may ask for the pages of computers, so this
/// alone has few points.
fn contradicts(device: &Device, user_agent: &str) -> bool {
    DeviceKind::from_user_agent(user_agent) != device.kind
}
