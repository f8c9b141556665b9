//! What users see of how they type, and what they decide about it.

use super::{
    super::store::{behaviour_exemption, behaviour_template},
    Behaviour, read,
};
use crate::{
    Conflict, Engine, Error, InvalidInput, RequestOrigin, Result, database::Reads, identity,
};
use latchkey_domain::{
    access::permission::{CurrentUser, Denial, SelfManagement},
    event::{BehaviourErased, BehaviourExempted, BehaviourIncluded, BehaviourPractised},
    id::UserId,
    identity::email::Email,
    risk::behaviour::{
        report::Field,
        template::{LEAST_SAMPLES, StrongSignIn},
    },
};
use serde::Serialize;
use time::OffsetDateTime;

/// What is kept of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateView {
    /// The field: `email`, `code`, `pointer` or `touch`.
    pub field: &'static str,
    /// How many samples there are; of more than twenty, the oldest were dropped.
    pub samples: usize,
    /// Whether there are enough to compare with.
    pub is_compared: bool,
    /// Since when there are some.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
}

/// What is kept of how a user types, without the times themselves: whoever has these could play them back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BehaviourView {
    /// Whether this installation compares behaviour.
    pub is_on: bool,
    /// Since when the user is exempt, if they are.
    #[serde(with = "time::serde::rfc3339::option")]
    pub exempt_since: Option<OffsetDateTime>,
    /// What is kept.
    pub templates: Vec<TemplateView>,
}

impl BehaviourView {
    /// Whether there is anything to say about it.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        !self.is_on && self.exempt_since.is_none() && self.templates.is_empty()
    }

    /// How many samples are kept of a field.
    #[must_use]
    pub fn samples_of(&self, field: Field) -> usize {
        let kept = self
            .templates
            .iter()
            .find(|kept| kept.field == field.as_str());
        kept.map_or(0, |kept| kept.samples)
    }

    /// How many more times the user would have to practise until everything that is practised is compared.
    #[must_use]
    pub fn missing(&self) -> usize {
        let least = self
            .samples_of(Field::Email)
            .min(self.samples_of(Field::Code));
        LEAST_SAMPLES.saturating_sub(least)
    }
}

impl Engine {
    /// What is kept of how this user types.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_behaviour(&self, current_user: &CurrentUser) -> Result<BehaviourView> {
        self.behaviour_of(&self.read(), current_user.user_id).await
    }

    pub(crate) async fn behaviour_of(
        &self,
        db: &impl Reads,
        user: UserId,
    ) -> Result<BehaviourView> {
        let kept = self.templates_of(db, user).await?;
        let templates = kept.into_iter().map(|kept| TemplateView {
            field: kept.field.as_str(),
            samples: kept.template.samples().len(),
            is_compared: kept.template.is_enrolled(),
            since: kept.since,
        });
        Ok(BehaviourView {
            is_on: self.compares_behaviour(),
            exempt_since: behaviour_exemption::find(db, user).await?,
            templates: templates.collect(),
        })
    }

    /// Exempts this user: nothing of their behaviour is observed, read or compared from now on, and what was kept is erased.
    ///
    /// # Errors
    /// Internal only.
    pub async fn exempt_my_behaviour(
        &self,
        proof: &SelfManagement,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let user = proof.current_user().named();
        let mut tx = self.begin(proof, origin).await?;
        if behaviour_exemption::find(&tx, user.id).await?.is_some() {
            return Ok(());
        }
        tx.apply(BehaviourExempted { user }).await?;
        tx.commit().await
    }

    /// Ends the exemption of this user. Nothing is known of them then.
    ///
    /// # Errors
    /// Internal only.
    pub async fn include_my_behaviour(
        &self,
        proof: &SelfManagement,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let user = proof.current_user().named();
        let mut tx = self.begin(proof, origin).await?;
        if behaviour_exemption::find(&tx, user.id).await?.is_none() {
            return Ok(());
        }
        tx.apply(BehaviourIncluded { user }).await?;
        tx.commit().await
    }

    /// Erases what is kept of how this user types.
    ///
    /// # Errors
    /// Internal only.
    pub async fn erase_my_behaviour(
        &self,
        proof: &SelfManagement,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let user = proof.current_user().named();
        let mut tx = self.begin(proof, origin).await?;
        if behaviour_template::list(&tx, user.id).await?.is_empty() {
            return Ok(());
        }
        tx.apply(BehaviourErased { user }).await?;
        tx.commit().await
    }

    /// Learns from this user typing their address and six digits, as they do to sign in. What they typed is compared and dropped. Only after
    /// a passkey was used on this device: otherwise whoever stole a cookie could teach their own hands.
    ///
    /// # Errors
    /// [`InvalidInput`] for another text, and when nothing was measured; [`Conflict::BehaviourNotCompared`]; step-up.
    pub async fn practise_behaviour(
        &self,
        proof: &SelfManagement,
        email: &str,
        code: &str,
        origin: &RequestOrigin,
    ) -> Result<BehaviourView> {
        let current_user = proof.current_user();
        let is_code = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        if Email::parse(email).as_ref() != Ok(&current_user.email) {
            return Err(Error::bad_input("email")(InvalidInput::OtherEmail));
        }
        if !is_code {
            return Err(Error::bad_input("code")(InvalidInput::NotSixDigits));
        }
        let user_id = current_user.user_id;
        let mut tx = self.begin(proof, origin).await?;
        let exempt = behaviour_exemption::find(&tx, user_id).await?;
        if !self.compares_behaviour() || exempt.is_some() || !current_user.has_passkey {
            return Err(Error::conflict("email", Conflict::BehaviourNotCompared));
        }
        let device = identity::store::device::find(&tx, current_user.device_id).await?;
        let method = device.and_then(|device| StrongSignIn::by(device.auth_method));
        let strong = method.ok_or(Denial::StepUp)?;
        let user = identity::user::require_user(&tx, user_id).await?;
        let observed = self.behaviour.as_ref().and_then(|line| read(line, &user));
        let mut samples = observed.map_or_else(Vec::new, |observed| observed.samples().to_vec());
        // How somebody points while they practise is not how they do when they sign in.
        samples.retain(|(field, _)| matches!(field, Field::Email | Field::Code));
        let behaviour = Behaviour {
            samples,
            kept: self.templates_of(&tx, user_id).await?,
            ..Behaviour::default()
        };
        if self.teach(&tx, user_id, strong, behaviour).await? == 0 {
            return Err(Error::bad_input("email")(InvalidInput::NotTyped));
        }
        let user = user.named();
        tx.apply(BehaviourPractised { user }).await?;
        let view = self.behaviour_of(&tx, user_id).await?;
        tx.commit().await?;
        Ok(view)
    }
}
