//! Approving a browser from another device: what the browser that asks does, and what the user decides who is asked.
//!
//! Deciding takes [a live sign-in](latchkey_domain::access::permission::ApprovalDecision) and no passkey used lately.

use crate::{
    actions::{error::ActionError, passkey::CeremonyOptions, session::finish_sign_in},
    flash::{Flash, Outcome},
    form::{self, Fields, Next},
    messages::m,
    pages::{approve, login::approval},
    request_context::{RequestContext, ResponseEffect},
    response,
};
use latchkey_domain::identity::approval::ApprovalState;
use latchkey_engine::{
    AskingBrowser, Error, PublicKeyCredential, Refusal, RequestChallengeResponse, Result as Engine,
};
use leptos::{prelude::*, server_fn::codec::Json};
use std::collections::BTreeMap;

/// The request of this browser, if it has asked and that has not expired.
pub(crate) async fn asking(context: &RequestContext) -> Engine<Option<AskingBrowser>> {
    let Some(ticket) = &context.facts().approval else {
        return Ok(None);
    };
    match context.engine().asking_browser(ticket).await {
        Ok(asking) => Ok(Some(asking)),
        Err(Error::Refused(Refusal::ApprovalExpired)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Asks anew, in place of the request before.
#[server(prefix = "/actions", endpoint = "approval/ask")]
pub async fn ask_for_approval(#[server(default)] return_to: String) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/approval/ask",
        Fields::none(),
        approval::PATH,
        async {
            let context = response::request_context();
            let asking = context.engine().begin_approval(&context.facts().origin)?;
            context.push_effect(ResponseEffect::KeepApproval(asking.ticket));
            Ok(Next::page(approval::url(&return_to)))
        },
    )
    .await
}

/// What became of the request of this browser, as a word: `waiting`, or `decided`, for which the page has to be loaded again.
#[server(prefix = "/actions", endpoint = "approval/state", input = Json)]
pub async fn watch_approval(#[server(default)] name: String) -> Result<String, ActionError> {
    let context = response::request_context();
    let asking = asking(&context).await;
    let asking = asking.map_err(|error| ActionError::because(&error))?;
    // In another tab, it may have asked anew.
    let word = match asking.filter(|asking| asking.name == name) {
        Some(asking) if asking.state == ApprovalState::Waiting => "waiting",
        _ => "decided",
    };
    Ok(word.to_owned())
}

/// Collects the approval: signs in.
#[server(prefix = "/actions", endpoint = "approval/collect")]
pub async fn collect_approval(#[server(default)] return_to: String) -> Result<(), ActionError> {
    let fields = Fields::none();
    form::handle_form("/actions/approval/collect", fields, approval::PATH, async {
        let context = response::request_context();
        let facts = context.facts();
        let ticket = facts.approval.as_deref().unwrap_or_default();
        let signed_in = context
            .engine()
            .collect_approval(ticket, facts.browser, &facts.origin)
            .await?;
        context.push_effect(ResponseEffect::EndApproval);
        Ok(Next::page(
            finish_sign_in(&context, signed_in, &return_to).await?,
        ))
    })
    .await
}

/// Picks the number that the other device shows.
#[server(prefix = "/actions", endpoint = "approval/pick")]
pub async fn pick_approval_number(
    #[server(default)] request: String,
    #[server(default)] number: String,
) -> Result<(), ActionError> {
    let fields = Fields::none();
    form::handle_form("/actions/approval/pick", fields, approve::PATH, async {
        let context = response::request_context();
        let facts = context.facts();
        // A text that is no number is none that was offered.
        let number = number.parse().unwrap_or_default();
        let proof = context.approval_decision()?;
        let (user, own) = (proof.current_user(), facts.approval.as_deref());
        let picked = context
            .engine()
            .pick_approval_number(user, &request, number, own, &facts.origin)
            .await?;
        Ok(Next::page(approve::url_of_picked(&picked)))
    })
    .await
}

/// Denies what another browser asked for.
#[server(prefix = "/actions", endpoint = "approval/deny")]
pub async fn deny_approval(#[server(default)] request: String) -> Result<(), ActionError> {
    let fields = Fields::none();
    form::handle_form("/actions/approval/deny", fields, approve::PATH, async {
        let context = response::request_context();
        let proof = context.approval_decision()?;
        let (user, origin) = (proof.current_user(), &context.facts().origin);
        context
            .engine()
            .deny_approval(user, &request, origin)
            .await?;
        Ok(Next::page(approve::PATH).saying(m::APPROVE_DENIED))
    })
    .await
}

/// Approval, step 1: options for `navigator.credentials.get`, for this request alone.
#[server(prefix = "/actions", endpoint = "approval/begin", input = Json)]
pub async fn begin_approval(
    #[server(default)] picked: String,
) -> Result<CeremonyOptions<RequestChallengeResponse>, ActionError> {
    let context = response::request_context();
    async {
        context
            .engine()
            .begin_approval_assertion(context.approval_decision()?.current_user(), &picked)
            .await
    }
    .await
    .map(CeremonyOptions::new)
    .map_err(|error| ActionError::because(&error))
}

/// Approval, step 3: approves the request. Returns the page to go to.
#[server(prefix = "/actions", endpoint = "approval/finish", input = Json)]
pub async fn finish_approval(
    credential: PublicKeyCredential,
    #[server(default)] handle: String,
) -> Result<String, ActionError> {
    let context = response::request_context();
    async {
        let origin = &context.facts().origin;
        context
            .engine()
            .finish_approval(
                context.approval_decision()?.current_user(),
                Some(&handle),
                &credential,
                origin,
            )
            .await
    }
    .await
    .map_err(|error| ActionError::because(&error))?;
    let flash = Flash {
        form: "/actions/approval/finish".to_owned(),
        outcome: Outcome::Done(m::APPROVE_DONE.text()),
        typed: BTreeMap::new(),
        is_kept: false,
    };
    context.push_effect(ResponseEffect::Flash(Box::new(flash)));
    Ok(approve::PATH.to_owned())
}
