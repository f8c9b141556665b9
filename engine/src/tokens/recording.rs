//! Tokens that are issued at the same time are recorded in one transaction (`unit_of_work/group_commit.rs`), and the refresh tokens
//! for which they are issued are replaced in it.

#[cfg(test)]
mod tests;

use crate::{
    Engine, RequestOrigin, Result,
    cache::service_index::ServiceEntry,
    tokens::{error::TokenError, store},
    unit_of_work::{Actor, GroupQueue, Grouped, Tx},
};
use latchkey_domain::{event::TokenIssued, id::TokenFamilyId, tokens::family::Presented};
use std::sync::Arc;
use time::OffsetDateTime;

/// A token that was signed and is to be recorded.
pub(crate) struct TokenIssue {
    pub(super) event: TokenIssued,
    pub(super) service: Arc<ServiceEntry>,
    /// Whom it is for: its `sub`.
    pub(super) subject: String,
    pub(super) issued_at: OffsetDateTime,
    /// From where it was requested.
    pub(super) ip: Option<String>,
    /// The refresh token for which it is issued.
    pub(super) rotation: Option<Rotation>,
}

/// A genuine refresh token that is to be replaced.
pub(super) struct Rotation {
    pub(super) family: TokenFamilyId,
    pub(super) number: u32,
    /// The thumbprint of the key that its request proved.
    pub(super) key: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// It is recorded, and its refresh token replaced.
    Issued,
    /// Its refresh token is no good now, or the sign-in has ended on which it rests.
    Refused,
    /// Its refresh token was used before.
    Reused,
}

impl Grouped for TokenIssue {
    type Outcome = Recorded;
    // With the log's head, so that the events get their places in the chain at once.
    type Turn<'e> = Tx<'e>;

    fn queue(engine: &Engine) -> &GroupQueue<Self> {
        &engine.inner.token_issues
    }

    async fn begin(engine: &Engine) -> Result<Tx<'_>> {
        engine.begin(Actor::System, &RequestOrigin::default()).await
    }

    /// In the order of the group: of two tokens of a client, the later one is the newest.
    async fn write<'e>(
        engine: &'e Engine,
        mut tx: Tx<'e>,
        group: Vec<Self>,
    ) -> Result<Vec<Recorded>> {
        let mut outcomes = Vec::with_capacity(group.len());
        for issue in group {
            if let Some(rotation) = &issue.rotation {
                let presented = engine.rotate(&tx, rotation).await?;
                if presented != Recorded::Issued {
                    outcomes.push(presented);
                    continue;
                }
            }
            let client = &issue.event.client;
            tx.act_as(Actor::Client(client.id, client.name.clone()));
            tx.set_ip(issue.ip);
            let (subject, issued_at) = (&issue.subject, issue.issued_at);
            engine
                .record_token(&mut tx, issue.event, subject, &issue.service, issued_at)
                .await?;
            outcomes.push(Recorded::Issued);
        }
        tx.commit().await?;
        Ok(outcomes)
    }
}

impl Engine {
    /// Replaces a refresh token, if it is good for that as the transaction sees it. A refusal writes nothing.
    async fn rotate(&self, tx: &Tx<'_>, rotation: &Rotation) -> Result<Recorded> {
        let Some(family) = store::family::find(tx, rotation.family).await? else {
            return Ok(Recorded::Refused);
        };
        match self.require_sign_in(tx, &family).await {
            Ok(_) => {}
            Err(TokenError::Failed(cause)) => return Err(cause),
            Err(_) => return Ok(Recorded::Refused),
        }
        let (number, now) = (rotation.number, self.now());
        match family.present(number, rotation.key.as_deref(), now) {
            Presented::Newest if store::family::advance(tx, family.id, number, now).await? => {
                Ok(Recorded::Issued)
            }
            Presented::Retry => Ok(Recorded::Issued),
            Presented::Expired | Presented::NotItsKey => Ok(Recorded::Refused),
            Presented::Newest | Presented::Reused => Ok(Recorded::Reused),
        }
    }
}
