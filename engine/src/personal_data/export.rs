//! A copy of everything that is stored about one user, as one JSON document (GDPR Article 15 and 20).
//!
//! 1. That somebody gets a copy is written to the audit log first.
//! 2. What is read at once follows: the account and what belongs to it, without secrets, digests and keys.
//! 3. The entries of the audit log that concern the user come last, in parts, because there may be very many of them.

use crate::{
    BehaviourView, Engine, Error, RequestOrigin, Result, SessionView, access,
    audit::selection::{Reader, SelectedEvents},
    identity::{
        self,
        session::ALL,
        user::{require_user_under_authority, shown},
    },
    notification::store::{mail, notification},
    tokens::store::family,
    unit_of_work::Authority,
};
use latchkey_domain::{
    access::{
        access_grant::AccessGrantView,
        permission::{Authorizes, SelfManagement, UsersExport},
    },
    audit::{event::EventView, filter::EventFilter},
    event::UserExported,
    id::UserId,
    identity::{
        device::DeviceView, passkey::PasskeyView, recovery::RecoveryCodesView, user::UserView,
    },
    mail::MailView,
    notification::NotificationView,
    pagination::{Cursor, MAX_BATCH},
    risk::BaselineView,
    tokens::family::TokenFamilyView,
};
use serde::Serialize;
use time::OffsetDateTime;

/// The form of the document: another number means that programs may not understand it.
const FORMAT: &str = "latchkey-user-1";

/// All but the entries of the audit log. What is added to the database about users is added here; `docs/privacy.md` says what is not.
#[derive(Serialize)]
struct PersonalData {
    format: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    exported_at: OffsetDateTime,
    user: UserView,
    authenticator_app: Option<AuthenticatorApp>,
    recovery_codes: Option<RecoveryCodesView>,
    wrong_codes: Option<CountedCodes>,
    passkeys: Vec<PasskeyView>,
    devices: Vec<DeviceView>,
    sessions: Vec<SessionView>,
    programs: Vec<TokenFamilyView>,
    grants: Vec<AccessGrantView>,
    notifications: Vec<NotificationView>,
    unsent_mails: Vec<MailView>,
    /// What is usual for the user, as it was learnt from their sign-ins.
    usual_sign_ins: BaselineView,
    /// What is kept of how the user types, without the times themselves: whoever has them could play them back.
    typing: BehaviourView,
}

#[derive(Serialize)]
struct AuthenticatorApp {
    #[serde(with = "time::serde::rfc3339")]
    confirmed_at: OffsetDateTime,
}

#[derive(Serialize)]
struct CountedCodes {
    count: u32,
    #[serde(with = "time::serde::rfc3339")]
    last_at: OffsetDateTime,
}

/// A copy under way. Its parts make one JSON document; one that ends early is none.
pub struct UserExport {
    /// What comes before the entries, until it was read.
    head: Option<String>,
    events: SelectedEvents,
    /// The user, as an actor of entries.
    actor: String,
    has_events: bool,
    has_ended: bool,
}

impl Engine {
    /// Begins a copy of everything that is stored about a user.
    ///
    /// # Errors
    /// Not found; forbidden for a user who may do more than the caller.
    pub async fn export_user(
        &self,
        proof: &dyn Authorizes<UsersExport>,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<UserExport> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?.named();
        tx.apply(UserExported { user }).await?;
        tx.commit().await?;
        let reader = Reader::Auditor(Authority::from(proof));
        self.export(id, reader).await
    }

    /// Begins a copy of everything that is stored about this user.
    ///
    /// # Errors
    /// Internal only.
    pub async fn export_my_data(
        &self,
        proof: &SelfManagement,
        origin: &RequestOrigin,
    ) -> Result<UserExport> {
        let user = proof.current_user().named();
        let id = user.id;
        let mut tx = self.begin(proof, origin).await?;
        tx.apply(UserExported { user }).await?;
        tx.commit().await?;
        let reader = Reader::Subject(Box::new(proof.current_user().clone()));
        self.export(id, reader).await
    }

    async fn export(&self, id: UserId, reader: Reader) -> Result<UserExport> {
        let data = self.personal_data(id).await?;
        let head = serde_json::to_string(&data).map_err(Error::internal)?;
        let head = head.strip_suffix('}').unwrap_or(&head);
        Ok(UserExport {
            head: Some(format!("{head},\"events\":[")),
            events: (self.select(reader, Some(id), &EventFilter::default(), 0)).await?,
            actor: format!("user:{id}"),
            has_events: false,
            has_ended: false,
        })
    }

    async fn personal_data(&self, id: UserId) -> Result<PersonalData> {
        let (db, now) = (self.read(), self.now());
        let user = shown(&db, id, now).await?;
        let totp = identity::store::totp::find(&db, id).await?;
        let wrong_codes = self.wrong_codes(&user.email).await?;
        Ok(PersonalData {
            format: FORMAT,
            exported_at: now,
            authenticator_app: totp.map(|totp| AuthenticatorApp {
                confirmed_at: totp.confirmed_at,
            }),
            recovery_codes: identity::store::recovery::show(&db, id).await?,
            wrong_codes: wrong_codes.map(|wrong| CountedCodes {
                count: wrong.count,
                last_at: wrong.last_at,
            }),
            passkeys: (identity::store::passkey::list_by_user(&db, id).await?)
                .into_iter()
                .map(PasskeyView::from)
                .collect(),
            devices: identity::store::device::view::list_by_user(&db, id, true).await?,
            sessions: self.sessions(ALL, Some(id)).await?.items,
            programs: family::view::list_by_user(&db, id, now).await?,
            grants: self.grants_to_export(id).await?,
            notifications: notification::all(&db, id).await?,
            unsent_mails: mail::of_user(&db, id).await?,
            typing: self.behaviour_of(&db, id).await?,
            usual_sign_ins: self.risk_of(id).await?.baseline,
            user,
        })
    }

    async fn grants_to_export(&self, id: UserId) -> Result<Vec<AccessGrantView>> {
        let (db, mut grants, mut after) = (self.read(), Vec::<AccessGrantView>::new(), None);
        loop {
            let cursor = Cursor {
                after,
                limit: MAX_BATCH,
            };
            let batch =
                access::store::access_grant::view::batch(&db, cursor, Some(id), None).await?;
            let is_last = (batch.items.len() as u64) < MAX_BATCH;
            after = batch.items.last().map(|grant| grant.id);
            grants.extend(batch.items);
            if is_last {
                return Ok(grants);
            }
        }
    }
}

impl UserExport {
    /// The next part of the document; `None` at its end.
    ///
    /// # Errors
    /// [`Error::Denied`] when the caller may not read any more.
    pub async fn next(&mut self) -> Result<Option<String>> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head));
        }
        if self.has_ended {
            return Ok(None);
        }
        let Some(events) = self.events.next().await? else {
            self.has_ended = true;
            return Ok(Some("\n]}\n".to_owned()));
        };
        let mut part = String::new();
        for event in events {
            let event = self.without_devices_of_others(event);
            part.push_str(if self.has_events { ",\n" } else { "\n" });
            part.push_str(&serde_json::to_string(&event).map_err(Error::internal)?);
            self.has_events = true;
        }
        Ok(Some(part))
    }

    /// What others call their devices, such as an administrator's, is not about the user.
    fn without_devices_of_others(&self, event: EventView) -> EventView {
        if event.actor == self.actor {
            return event;
        }
        EventView {
            device: None,
            device_name: None,
            session: None,
            client: None,
            ..event
        }
    }
}
