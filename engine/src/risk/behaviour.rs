//! How somebody types, points and touches, in a sign-in.
//!
//! 1. A page sends one line of numbers beside what it sends anyway ([`Engine::observing`]). Nothing is read of it yet.
//! 2. Within the transaction of the sign-in, and only if the installation compares and the user is not exempt, the line is read and compared with
//!    what is stored of this user. What cannot be read or compared is unknown.
//! 3. A sign-in with a passkey on this device teaches the templates; nothing else does, apart from practising (`own.rs`).
//!
//! Templates are sealed for their user and field: whoever writes the database can neither give a user another one's rhythm nor a field
//! another field's.

mod own;

pub use own::{BehaviourView, TemplateView};

use super::store::{behaviour_exemption, behaviour_template};
use crate::{
    Engine, Result,
    database::{Reads, Writes},
    error::chain,
    keys::seal,
};
use latchkey_domain::{
    id::UserId,
    identity::{device::AuthMethod, user::User},
    risk::{
        Mode,
        behaviour::{
            finding::Finding,
            report::{BehaviourReport, Field, Observed},
            sample::BehaviourSample,
            template::{StrongSignIn, Template, Unknown, Verdict},
        },
    },
};
use std::sync::Arc;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// A template and since when it is kept.
struct Kept {
    field: Field,
    template: Template,
    since: OffsetDateTime,
}

/// What was observed in a sign-in, and what was known before.
#[derive(Default)]
pub(super) struct Behaviour {
    pub(super) finding: Finding,
    samples: Vec<(Field, BehaviourSample)>,
    kept: Vec<Kept>,
}

/// The row of a template, for its seal.
pub(crate) fn aad(user: UserId, field: &str) -> Vec<u8> {
    [
        &b"behaviour template"[..],
        user.uuid().as_bytes(),
        field.as_bytes(),
    ]
    .concat()
}

impl Engine {
    /// The same use cases, for a request whose page sent this about the behaviour of whoever sits in front of it. Nothing is kept of it unless
    /// the installation compares behaviour.
    #[must_use]
    pub fn observing(&self, line: &str) -> Self {
        let report = BehaviourReport::received(line).filter(|_| self.compares_behaviour());
        Self {
            behaviour: report.map(Arc::new),
            ..self.clone()
        }
    }

    /// Whether this installation compares behaviour at all.
    #[must_use]
    pub fn compares_behaviour(&self) -> bool {
        self.inner.settings.risk.behaviour && self.risk_mode() != Mode::Off
    }

    /// Whether a page of this user, or of somebody who is not known yet, observes their behaviour.
    ///
    /// # Errors
    /// Internal only.
    pub async fn observes_behaviour_of(&self, user: Option<UserId>) -> Result<bool> {
        match user {
            _ if !self.compares_behaviour() => Ok(false),
            None => Ok(true),
            Some(user) => Ok(behaviour_exemption::find(&self.read(), user)
                .await?
                .is_none()),
        }
    }

    /// Compares what was observed with what is kept of a user. Of those who are exempt nothing is read.
    pub(super) async fn compare_behaviour(
        &self,
        db: &impl Reads,
        user: &User,
    ) -> Result<Behaviour> {
        let Some(report) = &self.behaviour else {
            return Ok(Behaviour::default());
        };
        if behaviour_exemption::find(db, user.id).await?.is_some() {
            return Ok(Behaviour::default());
        }
        let Some(observed) = read(report, user) else {
            tracing::debug!("what a page sent about behaviour was not valid, and is unknown");
            return Ok(Behaviour::default());
        };
        let kept = self.templates_of(db, user.id).await?;
        let verdicts: Vec<_> = (observed.samples().iter())
            .map(|(field, sample)| verdict(&kept, *field, sample))
            .collect();
        Ok(Behaviour {
            finding: Finding::of(&verdicts),
            samples: observed.samples().to_vec(),
            kept,
        })
    }

    /// Learns from a sign-in, in its transaction.
    pub(super) async fn learn_behaviour(
        &self,
        db: &impl Writes,
        user: UserId,
        method: AuthMethod,
        behaviour: Behaviour,
    ) -> Result<()> {
        match StrongSignIn::by(method) {
            Some(proof) => self.teach(db, user, proof, behaviour).await.map(drop),
            None => Ok(()),
        }
    }

    /// Adds each sample to its template; returns how many fields learnt one.
    async fn teach(
        &self,
        db: &impl Writes,
        user: UserId,
        proof: StrongSignIn,
        behaviour: Behaviour,
    ) -> Result<usize> {
        let Behaviour {
            samples, mut kept, ..
        } = behaviour;
        let (now, mut learnt) = (self.now(), 0);
        for (field, sample) in samples {
            let known = kept.iter().position(|kept| kept.field == field);
            let (template, since) = match known.map(|place| kept.swap_remove(place)) {
                Some(kept) => (kept.template.learn(sample, proof), kept.since),
                None => (Template::begin(sample, proof), now),
            };
            // A program's sample teaches nothing, and what was learnt before stays.
            let Ok(template) = template else { continue };
            let is_first = template.samples().len() == 1;
            let since = if is_first { now } else { since };
            self.save_template(
                db,
                user,
                Kept {
                    field,
                    template,
                    since,
                },
            )
            .await?;
            learnt += 1;
        }
        Ok(learnt)
    }

    async fn save_template(&self, db: &impl Writes, user: UserId, kept: Kept) -> Result<()> {
        let (now, rng) = (self.now(), &self.inner.settings.rng);
        let bytes = Zeroizing::new(kept.template.to_bytes());
        let row = behaviour_template::Row {
            field: kept.field,
            sealed: seal::seal(
                &self.inner.keys,
                rng,
                &aad(user, kept.field.as_str()),
                &bytes,
            )?,
            since: kept.since,
        };
        behaviour_template::save(db, rng.uuid(now), user, row, now).await
    }

    /// What is kept of a user. A template that cannot be read is none: nothing is compared with it, and nobody is locked out.
    async fn templates_of(&self, db: &impl Reads, user: UserId) -> Result<Vec<Kept>> {
        let rows = behaviour_template::list(db, user).await?;
        let open = |row: behaviour_template::Row| {
            let opened = seal::open(
                &self.inner.keys,
                &aad(user, row.field.as_str()),
                &row.sealed,
            );
            let template = match opened.map(Zeroizing::new) {
                Ok(bytes) => Template::from_bytes(&bytes),
                Err(cause) => {
                    tracing::error!(user = %user.uuid(), error = %chain(&cause), "what is kept of a user's typing cannot be read; it is learnt again");
                    None
                }
            };
            template.map(|template| Kept {
                field: row.field,
                template,
                since: row.since,
            })
        };
        Ok(rows.into_iter().filter_map(open).collect())
    }
}

fn read(report: &BehaviourReport, user: &User) -> Option<Observed> {
    report.read(user.email.as_str().chars().count())
}

fn verdict(kept: &[Kept], field: Field, sample: &BehaviourSample) -> Verdict {
    let known = kept.iter().find(|kept| kept.field == field);
    match (known, sample.anomaly()) {
        (Some(kept), _) => kept.template.assess(sample),
        // What no hand makes shows without knowing whose it is not.
        (None, Some(anomaly)) => Verdict::Anomalous(anomaly),
        (None, None) => Verdict::Unknown(Unknown::NotEnrolled),
    }
}
