//! Forms that change something: with the proof that their sender may.

use super::{Fields, FormResult, Next, handle_form};
use crate::{actions::error::ActionError, request_context::RequestContext, response};
use latchkey_domain::access::permission::{
    Authorized, PermissionType, RecoveryCancellation, RecoveryConfirmation, SelfManagement,
    SelfRevocation,
};
use latchkey_engine::{Engine, RequestOrigin};

/// What a change needs: a proof that its sender may make it, the engine, and where it came from.
pub struct Change<P> {
    /// The request.
    pub context: RequestContext,
    /// The proof.
    pub proof: P,
}

impl<P> Change<P> {
    /// The use cases.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        self.context.engine()
    }

    /// Where the request came from.
    #[must_use]
    pub fn origin(&self) -> &RequestOrigin {
        &self.context.facts().origin
    }
}

/// [`handle_form()`] for what users change of their own.
///
/// # Errors
/// As [`handle_form()`].
pub async fn manage_self<F>(
    form: &'static str,
    fields: Fields,
    home: &str,
    work: impl FnOnce(Change<SelfManagement>) -> F + Send,
) -> Result<(), ActionError>
where
    F: Future<Output = FormResult<Next>> + Send,
{
    handle_form(form, fields, home, async {
        let context = response::request_context();
        let proof = context.self_management()?;
        work(Change { context, proof }).await
    })
    .await
}

/// [`handle_form()`] for what users end of their own.
///
/// # Errors
/// As [`handle_form()`].
pub async fn revoke_self<F>(
    form: &'static str,
    fields: Fields,
    home: &str,
    work: impl FnOnce(Change<SelfRevocation>) -> F + Send,
) -> Result<(), ActionError>
where
    F: Future<Output = FormResult<Next>> + Send,
{
    handle_form(form, fields, home, async {
        let context = response::request_context();
        let proof = context.self_revocation()?;
        work(Change { context, proof }).await
    })
    .await
}

/// [`handle_form()`] for the one click that cancels recoveries.
///
/// # Errors
/// As [`handle_form()`].
pub async fn cancel_recovery<F>(
    form: &'static str,
    home: &str,
    work: impl FnOnce(Change<RecoveryCancellation>) -> F + Send,
) -> Result<(), ActionError>
where
    F: Future<Output = FormResult<Next>> + Send,
{
    handle_form(form, Fields::none(), home, async {
        let context = response::request_context();
        let proof = context.current_user()?.may_cancel_recovery()?;
        work(Change { context, proof }).await
    })
    .await
}

/// [`handle_form()`] for what confirms the recovery on this device by mail.
///
/// # Errors
/// As [`handle_form()`].
pub async fn confirm_recovery<F>(
    form: &'static str,
    fields: Fields,
    home: &str,
    work: impl FnOnce(Change<RecoveryConfirmation>) -> F + Send,
) -> Result<(), ActionError>
where
    F: Future<Output = FormResult<Next>> + Send,
{
    handle_form(form, fields, home, async {
        let context = response::request_context();
        let proof = (context.current_user()?).may_confirm_recovery(context.engine().now())?;
        work(Change { context, proof }).await
    })
    .await
}

/// [`handle_form()`] for what asks for a permission.
///
/// # Errors
/// As [`handle_form()`].
pub async fn administer<P, F>(
    permission: P,
    form: &'static str,
    fields: Fields,
    home: &str,
    work: impl FnOnce(Change<Authorized<P>>) -> F + Send,
) -> Result<(), ActionError>
where
    P: PermissionType,
    F: Future<Output = FormResult<Next>> + Send,
{
    handle_form(form, fields, home, async {
        let context = response::request_context();
        let proof = context.authorize(permission)?;
        work(Change { context, proof }).await
    })
    .await
}
