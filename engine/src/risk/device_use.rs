//! Assessing the use of a device by its cookie, without a sign-in: on our pages, and at services.
//!
//! 1. What comes as lately is known: at services by a mark beside the device in memory, else by the last returns of the device.
//! 2. Anything else is assessed, one request of a device after another, and seldom enough: each reads rows.
//! 3. What is unusual has to authenticate. Its sessions end, and what programs got on the device, if its browser is another one or
//!    much is unusual.
//!
//! An error refuses the request, as everywhere, and only of the database: a file of addresses that cannot be read says nothing of
//! any address, and nobody is asked for more because of it.

use super::{
    returns::{Claim, Return},
    use_mark::{CallerOrigin, UseMark},
};
use crate::{
    Engine, RequestOrigin, Result,
    access::verify::Found,
    cache::snapshot::KnownDevice,
    identity::{self, cascade::TOKEN_FAMILY},
    tokens::store::family::FamilyOwner,
};
use latchkey_domain::{
    access::permission::CurrentUser,
    event::{DeviceAssessed, Ended},
    id::{DeviceId, UserId},
    identity::device::{Device, Registration},
    risk::{
        Assessment, Demand, DeviceSignal, Factor, Level, Mode, NetworkKey, RiskNote, Signals,
        assess,
    },
};
use time::OffsetDateTime;

/// A use of a device.
struct DeviceUse<'a> {
    device: DeviceId,
    user: UserId,
    origin: CallerOrigin<'a>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The device is enough.
    Usual,
    /// It has to authenticate because of this request.
    Unusual,
    /// It owed something before.
    Owing,
    /// It was signed in or out, or ended, meanwhile.
    Changed,
}

impl Engine {
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
        let used = DeviceUse {
            device: current_user.device_id,
            user: current_user.user_id,
            origin: CallerOrigin {
                ip: origin.ip,
                user_agent: Some(&origin.user_agent),
            },
        };
        let outcome = self.assess_use(&used).await?;
        if outcome == Outcome::Owing {
            // Whoever has a session on a device that owes something signed in since: that was assessed.
            let (returns, now) = (&self.inner.risk.returns, self.now());
            returns.note(used.device, used.as_return(), false, now);
        }
        Ok(outcome == Outcome::Unusual)
    }

    /// The mark of a use of a device at a service, unless it was used like this before, or nothing is known of the request.
    pub(crate) fn other_use(
        &self,
        device: &KnownDevice,
        origin: CallerOrigin<'_>,
        now: OffsetDateTime,
    ) -> Option<UseMark> {
        if origin.is_unknown() {
            return None;
        }
        let mark = self.inner.risk.marks.of(device.facts.id, origin, now);
        (device.use_mark != mark).then_some(mark)
    }

    /// Compares a use of a device at a service with those before, if the service would let it in. `None` for one as before; of another
    /// one, it says whether the device has to authenticate. Boxed: rare, and its room would be copied with every answer.
    pub(crate) fn other_use_of<'a>(
        &'a self,
        found: &'a Found,
        origin: CallerOrigin<'a>,
        now: OffsetDateTime,
    ) -> Option<impl Future<Output = Result<bool>> + Send + use<'a>> {
        let device = found.device.as_ref()?;
        let mark = self.other_use(device, origin, now)?;
        Some(Box::pin(self.assess_at_service(device, origin, mark)))
    }

    async fn assess_at_service(
        &self,
        device: &KnownDevice,
        origin: CallerOrigin<'_>,
        mark: UseMark,
    ) -> Result<bool> {
        let used = DeviceUse {
            device: device.facts.id,
            user: device.facts.user_id,
            origin,
        };
        let is_usual = self.assess_use(&used).await? == Outcome::Usual;
        if is_usual {
            self.note_use_mark(device, mark);
        }
        Ok(!is_usual)
    }

    async fn assess_use(&self, used: &DeviceUse<'_>) -> Result<Outcome> {
        let (mode, now) = (self.risk_mode(), self.now());
        if mode == Mode::Off {
            return Ok(Outcome::Usual);
        }
        let (id, this) = (used.device, used.as_return());
        let risk = &self.inner.risk;
        if risk.returns.knows(id, this, now) {
            return Ok(Outcome::Usual);
        }
        // The requests of a page come at once: the first is assessed, and the others are like it.
        let _turn = risk.turns.wait(id).await;
        if risk.returns.knows(id, this, now) {
            return Ok(Outcome::Usual);
        }
        let Some(KnownDevice { secret_tag, .. }) = self.known_device(id, now).await? else {
            return Ok(Outcome::Changed);
        };
        if !risk.returns.may_assess(id, &secret_tag, now) {
            return Ok(match mode {
                Mode::Enforce => Outcome::Unusual,
                Mode::Off | Mode::Shadow => Outcome::Usual,
            });
        }
        let db = self.read();
        let Some(device) = identity::store::device::find(&db, id).await? else {
            return Ok(Outcome::Changed);
        };
        if device.is_challenged() {
            return Ok(
                match risk.returns.has_refused(id, this, &device.secret_tag) {
                    true => Outcome::Unusual,
                    false => Outcome::Owing,
                },
            );
        }
        // The operator's own, for three minutes, and used from wherever they are.
        if device.registration == Registration::DiagnosticDevice {
            return Ok(Outcome::Usual);
        }
        let has_passkey = identity::store::passkey::count_by_user(&db, used.user).await? > 0;
        let assessment = self.assess_device(&device, used, now).await?;
        let is_told = assessment.level > Level::Low;
        let note = RiskNote {
            demand: Demand::of_return(assessment.level, has_passkey),
            assessment,
            mode,
        };
        let is_challenged = note.enforced() != Demand::Nothing;
        // What has to authenticate is not known: a request that comes beside this one has to, too.
        if !is_challenged && !risk.returns.note(id, this, is_told, now) {
            return Ok(Outcome::Usual);
        }
        self.record_use(used, &device, note).await
    }

    async fn assess_device(
        &self,
        device: &Device,
        used: &DeviceUse<'_>,
        now: OffsetDateTime,
    ) -> Result<Assessment> {
        let db = self.read();
        let user_agent = used.origin.user_agent;
        // Not the failures of others at this user's codes: strangers must not make a device authenticate.
        let signals = Signals {
            device: Some(DeviceSignal::Returning(device.id)),
            ..self
                .signals_of(&db, used.origin.ip, user_agent, Some(device))
                .await?
        };
        let baseline = self.baseline_of(&db, used.user).await?;
        Ok(assess(
            &signals,
            &baseline,
            &self.inner.settings.risk.weights,
            now,
        ))
    }

    /// Records an assessment, and ends what has to end.
    async fn record_use(
        &self,
        used: &DeviceUse<'_>,
        before: &Device,
        note: RiskNote,
    ) -> Result<Outcome> {
        let (now, this) = (self.now(), used.as_return());
        let is_challenged = note.enforced() != Demand::Nothing;
        let mut tx = self.begin_sign_in(used.user, &used.origin()).await?;
        let device = identity::store::device::find(&tx, used.device).await?;
        let is_as_before = |device: &Device| {
            device.is_active() && !device.is_challenged() && device.secret_tag == before.secret_tag
        };
        let Some(device) = device.filter(is_as_before) else {
            return Ok(match is_challenged {
                true => Outcome::Changed,
                false => Outcome::Usual,
            });
        };
        let mut ended = Vec::new();
        if is_challenged {
            ended.push((tx.end_sessions_of_device(device.id).await?, "session"));
        }
        // Whoever has the cookie may have approved programs with it. Where only the place is another one, it is most often its user's, and what
        // programs have opens nothing either until the device has authenticated.
        let is_grave =
            note.assessment.level >= Level::High || note.assessment.has(Factor::OtherBrowser);
        if is_challenged && is_grave && !device.limit.is_recovery() {
            let owner = FamilyOwner::Device(device.id);
            ended.push((tx.end_token_families(owner).await?, TOKEN_FAMILY));
        }
        let claim = this.claim.map(|claim| claim.profile);
        let (device, event) = device.assess_return(now, note, claim);
        tx.apply(DeviceAssessed {
            ended: Ended::new(ended),
            ..event
        })
        .await?;
        tx.commit().await?;
        if !is_challenged {
            return Ok(Outcome::Usual);
        }
        (self.inner.risk.returns).refuse(device.id, this, device.secret_tag);
        Ok(Outcome::Unusual)
    }
}

impl DeviceUse<'_> {
    fn as_return(&self) -> Return {
        Return {
            network: self.origin.ip.map(NetworkKey::from),
            claim: self.origin.user_agent.map(Claim::of),
        }
    }

    /// For the audit log.
    fn origin(&self) -> RequestOrigin {
        RequestOrigin {
            ip: self.origin.ip,
            user_agent: self.origin.user_agent.unwrap_or_default().to_owned(),
        }
    }
}
