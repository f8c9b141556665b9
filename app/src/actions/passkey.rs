//! Passkeys: the two ceremonies (WebAuthn L3 §7.1 and §7.2), which islands fetch, and the names and
//! ends of passkeys, which forms change.
//!
//! 1. `begin-…` makes a challenge and answers with the handle of its state, for this page alone: other
//!    tabs have their own.
//! 2. The browser asks the authenticator.
//! 3. `finish-…` takes the handle's state, once, checks the answer against it, and says where to go.
//!
//! The handle is in no cookie: only our own pages can send it (`server/src/web/layers/origin.rs`), and
//! what it names is sealed or of this device alone.

use crate::{
    actions::{
        error::ActionError,
        session::{finish_sign_in, start_page},
    },
    flash::{Flash, Outcome},
    form::{self, Fields, Next, change},
    messages::m,
    request_context::ResponseEffect,
    response,
};
use latchkey_domain::access::permission::UsersWrite;
use latchkey_engine::{
    CeremonyHandle, CreationChallengeResponse, Noun, PublicKeyCredential,
    RegisterPublicKeyCredential, RequestChallengeResponse,
};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a ceremony in the browser begins with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CeremonyOptions<Options> {
    /// Names the ceremony; the page sends it back with the answer.
    pub handle: String,
    /// What the authenticator is asked.
    #[serde(flatten)]
    pub options: Options,
}

impl<Options> CeremonyOptions<Options> {
    pub(super) fn new((handle, options): (CeremonyHandle, Options)) -> Self {
        Self {
            handle: handle.text.expose_secret().to_owned(),
            options,
        }
    }
}

/// Registration, step 1: options for `navigator.credentials.create`.
#[server(prefix = "/actions", endpoint = "passkey/begin-registration", input = Json)]
pub async fn begin_passkey_registration()
-> Result<CeremonyOptions<CreationChallengeResponse>, ActionError> {
    let context = response::request_context();
    async {
        let change = context.passkey_addition()?;
        context.engine().begin_passkey_registration(change).await
    }
    .await
    .map(CeremonyOptions::new)
    .map_err(|error| ActionError::because(&error))
}

/// Registration, step 3: keeps the new passkey. Returns the page to go to.
#[server(prefix = "/actions", endpoint = "passkey/finish-registration", input = Json)]
pub async fn finish_passkey_registration(
    credential: RegisterPublicKeyCredential,
    #[server(default)] handle: String,
    #[server(default)] name: String,
) -> Result<String, ActionError> {
    let context = response::request_context();
    let facts = context.facts();
    let (passkey, signed_in) = async {
        let change = context.passkey_addition()?;
        context
            .engine()
            .finish_passkey_registration(change, Some(&handle), &credential, &name, &facts.origin)
            .await
    }
    .await
    .map_err(|error| ActionError::because(&error))?;
    // First of all: the device has a new secret already.
    context.push_effect(ResponseEffect::SignIn(Box::new(signed_in)));
    let flash = Flash {
        form: "/actions/passkey/finish-registration".to_owned(),
        outcome: Outcome::Done(m::passkey_added(passkey.name.as_str()).text()),
        typed: BTreeMap::new(),
        is_kept: false,
    };
    context.push_effect(ResponseEffect::Flash(Box::new(flash)));
    // Back to the page that asked; the last step of an enrolment leads to the start page.
    let page = facts
        .referring_page
        .as_deref()
        .filter(|page| !page.starts_with("/enrol/"));
    let start = facts
        .current_user
        .as_ref()
        .map_or("/", |current_user| start_page(current_user));
    Ok(page.unwrap_or(start).to_owned())
}

/// Sign-in, step 1: options for `navigator.credentials.get`, for any passkey of ours.
#[server(prefix = "/actions", endpoint = "passkey/begin-login", input = Json)]
pub async fn begin_passkey_login() -> Result<CeremonyOptions<RequestChallengeResponse>, ActionError>
{
    response::request_context()
        .engine()
        .begin_passkey_login()
        .await
        .map(CeremonyOptions::new)
        .map_err(|error| ActionError::because(&error))
}

/// Sign-in, step 3: signs in. Returns the page to go to.
#[server(prefix = "/actions", endpoint = "passkey/finish-login", input = Json)]
pub async fn finish_passkey_login(
    credential: PublicKeyCredential,
    #[server(default)] handle: String,
    #[server(default)] return_to: String,
    #[server(default)] behaviour: String,
) -> Result<String, ActionError> {
    let context = response::request_context();
    let facts = context.facts();
    async {
        let signed_in = context
            .engine()
            .observing(&behaviour)
            .finish_passkey_login(Some(&handle), &credential, facts.browser, &facts.origin)
            .await?;
        finish_sign_in(&context, signed_in, &return_to).await
    }
    .await
    .map_err(|error| ActionError::because(&error))
}

/// Renames a passkey.
#[server(prefix = "/actions", endpoint = "passkey/rename")]
pub async fn rename_passkey(
    #[server(default)] id: String,
    #[server(default)] name: String,
) -> Result<(), ActionError> {
    let fields = Fields::none().hidden("id", &id).field("name", &name);
    change::manage_self(
        "/actions/passkey/rename",
        fields,
        "/security",
        |change| async move {
            let id = form::id(&id, Noun::Passkey)?;
            change
                .engine()
                .rename_passkey(&change.proof, id, &name, change.origin())
                .await?;
            Ok(Next::back().saying(m::passkey_renamed(name.trim())))
        },
    )
    .await
}

/// Removes a passkey.
#[server(prefix = "/actions", endpoint = "passkey/remove")]
pub async fn remove_passkey(#[server(default)] id: String) -> Result<(), ActionError> {
    let fields = Fields::none().hidden("id", &id);
    change::manage_self(
        "/actions/passkey/remove",
        fields,
        "/security",
        |change| async move {
            let id = form::id(&id, Noun::Passkey)?;
            change
                .engine()
                .remove_passkey(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::PASSKEY_REMOVED))
        },
    )
    .await
}

/// Removes anybody's passkey, for administrators.
#[server(prefix = "/actions", endpoint = "passkey/remove-any")]
pub async fn remove_any_passkey(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        UsersWrite,
        "/actions/passkey/remove-any",
        Fields::none(),
        "/admin/users",
        |change| async move {
            let id = form::id(&id, Noun::Passkey)?;
            change
                .engine()
                .remove_any_passkey(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::PASSKEY_REMOVED_ANY))
        },
    )
    .await
}
