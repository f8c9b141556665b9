//! The ceremony behind a link: it begins when the link is opened, and the authenticator app is shown its secret.

use super::PendingEnrolment;
use crate::{
    CeremonyHandle, Engine, Error, Refusal, Result, ephemeral::ceremony::Ceremony, identity,
};
use latchkey_domain::{
    identity::email::Email,
    identity::enrolment_link::{EnrolmentLink, LinkPurpose},
    identity::user::User,
    name::DisplayName,
    secret::SecretText,
};

impl Engine {
    /// The first administrator's details; the link stays alive until a code is confirmed. Where this browser
    /// has a setup of this link under way (`handles`), its authenticator app stays the same.
    ///
    /// # Errors
    /// Bad input (`email`, `name`), [`Refusal::LinkNotValid`].
    pub async fn begin_setup(
        &self,
        code: &str,
        email: &str,
        name: &str,
        handles: &[String],
    ) -> Result<CeremonyHandle> {
        let link = self.live_link(code).await?;
        let Some(link) = link.filter(|link| link.purpose == LinkPurpose::Setup) else {
            return Err(Refusal::LinkNotValid.into());
        };
        let email = Email::parse(email).map_err(Error::bad_input("email"))?;
        let name = DisplayName::parse(name).map_err(Error::bad_input("name"))?;
        let ends = link.expires_at;
        let secret = match self.under_way(&link, handles)? {
            Some((_, Ceremony::Setup { secret, .. })) => secret,
            _ => self.new_totp_secret(),
        };
        let ceremony = Ceremony::Setup {
            link: link.digest,
            email,
            name,
            secret,
        };
        self.begin_sealed_ceremony(ceremony, ends)
    }

    /// The setup of this link that is under way in this browser, if one of `handles` is it.
    ///
    /// # Errors
    /// Internal only.
    pub async fn pending_setup(
        &self,
        code: &str,
        handles: &[String],
    ) -> Result<Option<PendingEnrolment>> {
        let link = self.live_link(code).await?;
        let Some(live) = link.filter(|link| link.purpose == LinkPurpose::Setup) else {
            return Ok(None);
        };
        match self.under_way(&live, handles)? {
            Some((
                handle,
                Ceremony::Setup {
                    email,
                    name,
                    secret,
                    ..
                },
            )) => self.pending(handle, false, email, name, &secret).map(Some),
            _ => Ok(None),
        }
    }

    /// Opens an enrolment link: goes on with the ceremony of this link among the browser's `handles`, or begins
    /// one. `None`: the link is not valid.
    ///
    /// # Errors
    /// Internal only.
    pub async fn begin_enrolment(
        &self,
        code: &str,
        handles: &[String],
    ) -> Result<Option<PendingEnrolment>> {
        let Some(live) = self.live_link(code).await? else {
            return Ok(None);
        };
        let user = self.invited(&live).await?;
        let Some(user) = user.filter(|user| live.enrols(user)) else {
            return Ok(None);
        };
        let (email, name) = (user.email, user.name);
        if let Some((handle, Ceremony::Enrolment { secret, .. })) =
            self.under_way(&live, handles)?
        {
            return self.pending(handle, false, email, name, &secret).map(Some);
        }
        let secret = self.new_totp_secret();
        let ends = live.expires_at;
        let ceremony = Ceremony::Enrolment {
            link: live.digest,
            user: user.id,
            secret: secret.clone(),
        };
        let handle = self.begin_sealed_ceremony(ceremony, ends)?;
        self.pending(handle, true, email, name, &secret).map(Some)
    }

    /// The ceremony of a link among those that a browser keeps.
    fn under_way(
        &self,
        live: &EnrolmentLink,
        handles: &[String],
    ) -> Result<Option<(CeremonyHandle, Ceremony)>> {
        for text in handles {
            match self.peek_ceremony(Some(text))? {
                Some(ceremony) if ceremony.link() == Some(&live.digest) => {
                    let handle = CeremonyHandle {
                        text: SecretText::new(text),
                        expires_at: live.expires_at,
                    };
                    return Ok(Some((handle, ceremony)));
                }
                Some(_) | None => {}
            }
        }
        Ok(None)
    }

    /// The user behind an invitation, unless they were disabled meanwhile.
    pub(crate) async fn invited(&self, link: &EnrolmentLink) -> Result<Option<User>> {
        let Some(user) = link.purpose.user() else {
            return Ok(None);
        };
        let user = identity::store::user::find(&self.read(), user).await?;
        Ok(user.filter(|user| !user.is_disabled()))
    }

    fn pending(
        &self,
        handle: CeremonyHandle,
        is_new: bool,
        email: Email,
        name: DisplayName,
        secret: &[u8],
    ) -> Result<PendingEnrolment> {
        let shown = self.show_totp(secret, &email)?;
        Ok(PendingEnrolment {
            handle,
            is_new,
            email,
            name,
            otpauth_uri: shown.otpauth_uri,
            secret: shown.secret,
        })
    }
}
