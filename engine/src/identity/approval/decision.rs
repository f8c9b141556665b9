//! The user who is asked: what they see, the number that they pick, and that they deny.

use super::sealed::{Copy, lookup_digest, numbers};
use crate::{
    Engine, Refusal, RequestOrigin, Result,
    audit::acted_from::ActedFrom,
    database::Reads,
    identity::{self, store::approval::Decision},
    unit_of_work::{Actor, current},
};
use latchkey_domain::{
    access::permission::{CurrentUser, Denial},
    event::{ApprovalDenial, DeviceApprovalDenied},
    id::PasskeyId,
    identity::{
        approval::{ApprovalRequest, ApprovalState, Unusual},
        device::Device,
    },
};

/// What a user is asked to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedApproval {
    /// Its link, sealed anew.
    pub link: String,
    /// What asks.
    pub request: ApprovalRequest,
    /// The numbers of which it shows one.
    pub offered: [u8; 3],
    /// What is unusual about it.
    pub unusual: Vec<Unusual>,
    /// Whether it comes from the network of the device on which it is shown.
    pub is_same_network: bool,
    /// Why it cannot be approved here, if so.
    pub obstacle: Option<ApprovalObstacle>,
}

/// Why a device cannot approve another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalObstacle {
    /// It is the one that asks.
    BySelf,
    /// It was not approved itself.
    Limited,
    /// Its user has no passkey.
    NoPasskey,
}

impl Engine {
    /// What the user is asked to approve who opened this link. `own_ticket` is that of the browser, if it asks itself.
    ///
    /// # Errors
    /// [`Refusal::ApprovalExpired`], [`Refusal::ApprovalDecided`].
    pub async fn asked_approval(
        &self,
        current_user: &CurrentUser,
        link: &str,
        own_ticket: Option<&str>,
        origin: &RequestOrigin,
    ) -> Result<AskedApproval> {
        let request = self.waiting(&self.read(), Copy::Link, link).await?;
        self.asked(current_user, request, own_ticket, origin).await
    }

    /// The same for a user who [picked the number](Self::pick_approval_number).
    ///
    /// # Errors
    /// As [`Self::asked_approval`].
    pub async fn picked_approval(
        &self,
        current_user: &CurrentUser,
        picked: &str,
        own_ticket: Option<&str>,
        origin: &RequestOrigin,
    ) -> Result<AskedApproval> {
        let copy = picked_by(current_user);
        let request = self.waiting(&self.read(), copy, picked).await?;
        self.asked(current_user, request, own_ticket, origin).await
    }

    async fn asked(
        &self,
        current_user: &CurrentUser,
        request: ApprovalRequest,
        own_ticket: Option<&str>,
        origin: &RequestOrigin,
    ) -> Result<AskedApproval> {
        let devices = self.my_devices(current_user).await?;
        Ok(AskedApproval {
            link: self.seal_request(Copy::Link, &request)?,
            offered: numbers(&request).offered,
            unusual: request.unusual(origin.ip, &devices),
            is_same_network: request.is_from_network_of(origin.ip),
            obstacle: match () {
                () if self.is_own(&request, own_ticket) => Some(ApprovalObstacle::BySelf),
                () if current_user.limit.is_limited() => Some(ApprovalObstacle::Limited),
                () if !current_user.has_passkey => Some(ApprovalObstacle::NoPasskey),
                () => None,
            },
            request,
        })
    }

    fn is_own(&self, request: &ApprovalRequest, ticket: Option<&str>) -> bool {
        let own = ticket.map(|ticket| self.open_request(Copy::Ticket, ticket));
        own.is_some_and(|own| own.is_ok_and(|own| own.id == request.id))
    }

    /// A request about which nobody has decided.
    pub(super) async fn waiting(
        &self,
        db: &impl Reads,
        copy: Copy,
        text: &str,
    ) -> Result<ApprovalRequest> {
        let request = self.open_request(copy, text)?;
        match self.decision_about(db, &request).await? {
            None => Ok(request),
            Some(_) => Err(Refusal::ApprovalDecided.into()),
        }
    }

    /// Compares the number that the user picked with the one that the browser shows. Another one ends the request, so that
    /// nobody can try all three. Returns what proves that this user picked it on this device.
    ///
    /// # Errors
    /// [`Refusal::WrongNumber`]; [`Refusal::ApprovalBySelf`]; as [`Self::asked_approval`]; denied as [`Engine::finish_approval`].
    pub async fn pick_approval_number(
        &self,
        current_user: &CurrentUser,
        link: &str,
        number: u8,
        own_ticket: Option<&str>,
        origin: &RequestOrigin,
    ) -> Result<String> {
        let request = self.waiting(&self.read(), Copy::Link, link).await?;
        if self.is_own(&request, own_ticket) {
            return Err(Refusal::ApprovalBySelf.into());
        }
        self.approver(&self.read(), current_user).await?;
        if numbers(&request).shown == number {
            return self.seal_request(picked_by(current_user), &request);
        }
        self.not_approved(current_user, request, ApprovalDenial::WrongNumber, origin)
            .await?;
        Err(Refusal::WrongNumber.into())
    }

    /// Denies the request that this link is of. The engine requires a live sign-in and no assertion: it only ends something.
    ///
    /// # Errors
    /// As [`Self::asked_approval`]; [`Denial::SignIn`].
    pub async fn deny_approval(
        &self,
        current_user: &CurrentUser,
        link: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let request = self.waiting(&self.read(), Copy::Link, link).await?;
        self.not_approved(current_user, request, ApprovalDenial::Denied, origin)
            .await
    }

    async fn not_approved(
        &self,
        current_user: &CurrentUser,
        request: ApprovalRequest,
        reason: ApprovalDenial,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin_sign_in(current_user.user_id, origin).await?;
        tx.act_as(Actor::from(current_user));
        let device = self.live_device_of(&tx, current_user).await?;
        tx.act_from(ActedFrom::device(&device, origin).in_session(current_user.session));
        let decision = self.decision(&request, current_user, None);
        if !identity::store::approval::decide(&tx, &decision).await? {
            return Err(Refusal::ApprovalDecided.into());
        }
        let event = DeviceApprovalDenied {
            device,
            request,
            reason,
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    pub(super) fn decision(
        &self,
        request: &ApprovalRequest,
        current_user: &CurrentUser,
        passkey: Option<PasskeyId>,
    ) -> Decision {
        Decision {
            request: lookup_digest(request),
            user: current_user.user_id,
            device: current_user.device_id,
            passkey,
            state: match passkey {
                Some(_) => ApprovalState::Granted,
                None => ApprovalState::Ended,
            },
            expires_at: request.expires_at(),
        }
    }

    /// This device, if its user is signed in on it now.
    async fn live_device_of(&self, db: &impl Reads, current_user: &CurrentUser) -> Result<Device> {
        let now = self.now();
        let (found, device) = current(db, &self.inner.ephemeral, current_user, now).await?;
        found
            .sign_in
            .filter(|sign_in| sign_in.is_live(found.role, now))
            .ok_or(Denial::SignIn)?;
        Ok(device)
    }

    /// This device, if its user can approve others on it.
    pub(super) async fn approver(
        &self,
        db: &impl Reads,
        current_user: &CurrentUser,
    ) -> Result<Device> {
        let device = self.live_device_of(db, current_user).await?;
        if device.limit.is_limited() {
            return Err(Denial::NotApproved.into());
        }
        match identity::store::passkey::count_by_user(db, current_user.user_id).await? {
            0 => Err(Denial::NeedsPasskey.into()),
            _ => Ok(device),
        }
    }
}

pub(super) const fn picked_by(current_user: &CurrentUser) -> Copy {
    Copy::Picked(current_user.user_id, current_user.device_id)
}
