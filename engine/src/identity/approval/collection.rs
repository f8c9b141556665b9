//! The browser that asks: it begins a request, learns what became of it, and collects the approval.

use super::sealed::{Copy, lookup_digest, numbers};
use crate::{
    Engine, Error, KnownBrowser, Refusal, RequestOrigin, Result, SignedIn, database::Reads,
    identity, identity::sign_in::Proof, identity::store::approval::Decision,
};
use latchkey_domain::{
    identity::{
        approval::{ApprovalRequest, ApprovalState},
        device::{self, AuthMethod, DeviceKind, DeviceLimit},
        user::User,
    },
    secret::SecretText,
};
use time::OffsetDateTime;

/// What a browser that asks shows.
#[derive(Debug, Clone)]
pub struct AskingBrowser {
    /// What it keeps, and collects the approval with.
    pub ticket: SecretText,
    /// What another device opens.
    pub link: String,
    /// Tells the request from others of this browser. Worth nothing by itself.
    pub name: String,
    /// The number that the user picks.
    pub number: u8,
    /// What became of the request.
    pub state: ApprovalState,
    /// As whom it signs in here, if it was approved. Whoever sees the screen can approve it as themselves, so the browser
    /// asks before it goes on.
    pub approved_by: Option<User>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

impl Engine {
    /// Begins a request of this browser; nothing is written.
    ///
    /// # Errors
    /// Internal only.
    pub fn begin_approval(&self, origin: &RequestOrigin) -> Result<AskingBrowser> {
        let request = ApprovalRequest {
            id: self.inner.settings.rng.bytes(),
            browser: device::default_name(&origin.user_agent),
            kind: DeviceKind::from_user_agent(&origin.user_agent),
            ip: origin.ip,
            // As it is encoded.
            created_at: (self.now().replace_nanosecond(0)).unwrap_or_else(|_| self.now()),
        };
        let ticket = self.seal_request(Copy::Ticket, &request)?;
        self.asking(request, ticket, ApprovalState::Waiting, None)
    }

    /// The request of the browser that has this ticket, and what became of it.
    ///
    /// # Errors
    /// [`Refusal::ApprovalExpired`].
    pub async fn asking_browser(&self, ticket: &str) -> Result<AskingBrowser> {
        let request = self.open_request(Copy::Ticket, ticket)?;
        let decision = self.decision_about(&self.read(), &request).await?;
        let (state, approved_by) = match decision {
            None => (ApprovalState::Waiting, None),
            Some(decision) if decision.state == ApprovalState::Granted => {
                match self.still_approved(&self.read(), &decision).await {
                    Ok(user) => (ApprovalState::Granted, Some(user)),
                    Err(Error::Refused(_)) => (ApprovalState::Ended, None),
                    Err(error) => return Err(error),
                }
            }
            Some(decision) => (decision.state, None),
        };
        self.asking(request, ticket.to_owned(), state, approved_by)
    }

    fn asking(
        &self,
        request: ApprovalRequest,
        ticket: String,
        state: ApprovalState,
        approved_by: Option<User>,
    ) -> Result<AskingBrowser> {
        Ok(AskingBrowser {
            link: self.seal_request(Copy::Link, &request)?,
            name: hex::encode(&lookup_digest(&request)[..8]),
            number: numbers(&request).shown,
            state,
            approved_by,
            expires_at: request.expires_at(),
            ticket: SecretText::new(ticket),
        })
    }

    pub(super) async fn decision_about(
        &self,
        db: &impl Reads,
        request: &ApprovalRequest,
    ) -> Result<Option<Decision>> {
        identity::store::approval::find(db, &lookup_digest(request)).await
    }

    /// Collects an approval, once: signs its user in on this browser, on the device that it is or was, else on a new one.
    ///
    /// # Errors
    /// [`Refusal::ApprovalPending`], [`Refusal::ApprovalDecided`], [`Refusal::ApprovalExpired`]; conflict when the user has as
    /// many devices as they can.
    pub async fn collect_approval(
        &self,
        ticket: &str,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let request = self.open_request(Copy::Ticket, ticket)?;
        // Nobody who waits writes anything.
        let decision = self.decision_about(&self.read(), &request).await?;
        let decision = decision.ok_or(Refusal::ApprovalPending)?;
        if decision.state != ApprovalState::Granted {
            return Err(Refusal::ApprovalDecided.into());
        }
        let mut tx = self.begin_sign_in(decision.user, origin).await?;
        let digest = lookup_digest(&request);
        if !identity::store::approval::collect(&tx, &digest, self.now()).await? {
            return Err(Refusal::ApprovalDecided.into());
        }
        let user = self.still_approved(&tx, &decision).await?;
        self.refuse_more_devices(&tx, user.id, browser).await?;
        let proof = Proof {
            method: AuthMethod::Approval,
            device_name: None,
            limit: DeviceLimit::None,
            is_enrolment: false,
        };
        let signed_in = self.sign_in(&mut tx, user, browser, proof, origin).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// The user, if what the approval rests on is still there: between approving and collecting, any of it can end.
    async fn still_approved(&self, db: &impl Reads, decision: &Decision) -> Result<User> {
        let user = identity::store::user::find(db, decision.user).await?;
        let device = identity::store::device::find(db, decision.device).await?;
        let passkey = match decision.passkey {
            Some(passkey) => identity::store::passkey::find(db, passkey).await?,
            None => None,
        };
        let is_good = device.is_some_and(|device| {
            device.user_id == decision.user
                && device.is_active()
                && !device.limit.is_limited()
                && self.now() < device.expires_at
        });
        let has_passkey = passkey.is_some_and(|passkey| passkey.user_id == decision.user);
        user.filter(|user| is_good && has_passkey && !user.is_disabled())
            .ok_or_else(|| Refusal::ApprovalDecided.into())
    }
}
