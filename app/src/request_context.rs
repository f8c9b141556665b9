//! One request as pages and server functions see it: who sends it, and what the response changes.
//!
//! Data flows one way. The server fills a [`RequestContext`] from cookies and headers before a page or a
//! server function runs; they read it and push [`ResponseEffect`]s; the server turns those into cookies
//! and sessions afterwards. No page ever touches a cookie.

use crate::{
    device_cookie::{CookieProblem, DeviceCookies, SignInRedirects},
    error::AppError,
    flash::Flash,
    snippet::InternalConfig,
    url::query_value,
};
use latchkey_domain::{
    access::permission::{
        ApprovalDecision, Authorized, CurrentUser, Denial, PasskeyAddition, Permission,
        PermissionType, SelfManagement, SelfRevocation,
    },
    request::return_to::ReturnTo,
    secret::SecretText,
};
use latchkey_engine::{Engine, IssuedCookie, KnownBrowser, RequestOrigin, SignedIn};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Something that the response does to the browser.
#[derive(Debug)]
pub enum ResponseEffect {
    /// Start a new session (under a new id) and set the device cookie.
    SignIn(Box<SignedIn>),
    /// End the session, and have the browser delete what it stored of our pages. A device cookie stays, with a new secret
    /// if there is one: it grants no access, and identifies this browser when its owner signs in again.
    SignOut(Option<IssuedCookie>),
    /// End the session and remove the device cookie: the device is gone for good.
    ForgetDevice,
    /// Keep the handle of an enrolment, so that its page shows the same authenticator app when it is loaded again.
    KeepEnrolment(String),
    /// Forget it.
    EndEnrolment(String),
    /// Keep the ticket with which this browser collects an approval.
    KeepApproval(SecretText),
    /// Forget it.
    EndApproval,
    /// Show this on the next page.
    Flash(Box<Flash>),
    /// Keep the choice of light or dark.
    Theme(Theme),
    /// Remember that this browser is redirected to a service.
    RedirectedTo(SignInRedirects),
    /// Set the device cookie again, and end those of other settings of its domain.
    RepeatDevice,
    /// The device cookie does not come back: tell the operator.
    CookieProblemLog(CookieProblem),
}

/// Light, dark, or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What the server learned from the request.
#[derive(Debug)]
pub struct Facts {
    /// The user on this device, if the device cookie is valid.
    pub current_user: Option<CurrentUser>,
    /// The device that this browser is, or was until its owner signed out.
    pub browser: Option<KnownBrowser>,
    /// The handles of the enrolments under way in this browser, the latest first.
    pub enrolments: Vec<String>,
    /// The ticket of the approval for which this browser asked.
    pub approval: Option<String>,
    /// The result that the last response left for this page; shown once.
    pub flash: Option<Flash>,
    /// How many notifications this user has not read, up to [`latchkey_engine::MOST_UNREAD`]; counted for pages only.
    pub unread: u64,
    /// Address and browser.
    pub origin: RequestOrigin,
    /// The choice of light or dark.
    pub theme: Theme,
    /// What came back of the device cookie.
    pub cookies: DeviceCookies,
    /// Path and query of the page that a form was sent from, when it is one of ours.
    pub referring_page: Option<String>,
    /// Path and query of this request.
    pub path_and_query: String,
    /// What proxies must know of this installation.
    pub internal_config: Arc<InternalConfig>,
    /// Whether sample data is shown.
    pub is_demo: bool,
}

impl Facts {
    /// A value of the address's query.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        query_value(&self.path_and_query, name)
    }
}

/// A request under way; cheap to clone.
#[derive(Clone)]
pub struct RequestContext {
    engine: Engine,
    facts: Arc<Facts>,
    refused: Arc<OnceLock<Denial>>,
    error: Arc<OnceLock<AppError>>,
    effects: Arc<Mutex<Vec<ResponseEffect>>>,
}

impl RequestContext {
    /// Starts one, from what the server learned.
    #[must_use]
    pub fn new(engine: Engine, facts: Facts) -> Self {
        Self {
            engine,
            facts: Arc::new(facts),
            refused: Arc::default(),
            error: Arc::default(),
            effects: Arc::default(),
        }
    }

    /// The use cases.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What the server learned.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Refuses this request: from now on this context gives out no proof. A form is read all the same, so that what was
    /// typed is there again when its sender comes back.
    pub fn refuse(&self, denial: Denial) {
        // The first denial counts.
        let _is_first = self.refused.set(denial);
    }

    /// Why this request was refused before it was read.
    #[must_use]
    pub fn refused(&self) -> Option<Denial> {
        self.refused.get().copied()
    }

    /// The user on this device.
    ///
    /// # Errors
    /// [`Denial::SignIn`] when the device is not registered, or why the request was refused.
    pub fn current_user(&self) -> Result<&CurrentUser, Denial> {
        match self.refused() {
            Some(denial) => Err(denial),
            None => self.facts.current_user.as_ref().ok_or(Denial::SignIn),
        }
    }

    /// The seconds until the session of this browser ends; `None` without one, and where none is needed: on a device in
    /// recovery, whose user has nothing to sign in with.
    #[must_use]
    pub fn session_ends_in(&self) -> Option<i64> {
        let current_user = self.current_user().ok()?;
        if current_user.limit.is_recovery() {
            return None;
        }
        let ends_at = current_user.sign_in?.ends_at(current_user.role);
        Some((ends_at - self.engine.now()).whole_seconds().max(0))
    }

    /// Proof that they may change their account now.
    ///
    /// # Errors
    /// As [`CurrentUser::may_manage_self`].
    pub fn self_management(&self) -> Result<SelfManagement, Denial> {
        self.current_user()?.may_manage_self(self.engine.now())
    }

    /// Proof that they may end devices and sessions of their own now.
    ///
    /// # Errors
    /// As [`CurrentUser::may_revoke_self`].
    pub fn self_revocation(&self) -> Result<SelfRevocation, Denial> {
        self.current_user()?.may_revoke_self(self.engine.now())
    }

    /// Proof that they may decide about a device that asks to be approved.
    ///
    /// # Errors
    /// As [`CurrentUser::may_decide_approval`].
    pub fn approval_decision(&self) -> Result<ApprovalDecision, Denial> {
        self.current_user()?.may_decide_approval(self.engine.now())
    }

    /// Proof that they may add a passkey now.
    ///
    /// # Errors
    /// As [`CurrentUser::may_add_passkey`].
    pub fn passkey_addition(&self) -> Result<PasskeyAddition, Denial> {
        self.current_user()?.may_add_passkey(self.engine.now())
    }

    /// Proof that they have a permission now.
    ///
    /// # Errors
    /// As [`CurrentUser::authorize`].
    pub fn authorize<P: PermissionType>(&self, permission: P) -> Result<Authorized<P>, Denial> {
        self.current_user()?
            .authorize(permission, self.engine.now())
    }

    /// The same, without a proof.
    ///
    /// # Errors
    /// As [`CurrentUser::may`].
    pub fn may(&self, permission: Permission) -> Result<(), Denial> {
        self.current_user()?.may(permission, self.engine.now())
    }

    /// Whether a page shows what takes this permission.
    #[must_use]
    pub fn shows(&self, permission: Permission) -> bool {
        let permissions = self.current_user().map(|user| user.permissions);
        permissions.is_ok_and(|permissions| permissions.contains(permission))
    }

    /// Where this user may be sent, if there is such a page.
    ///
    /// # Errors
    /// Internal only.
    pub async fn return_target(&self, text: &str) -> latchkey_engine::Result<Option<ReturnTo>> {
        self.engine.return_target(text).await
    }

    /// Answers with this error in place of whatever the page or action returns.
    pub fn fail(&self, error: AppError) {
        // The first one counts.
        let _is_first = self.error.set(error);
    }

    /// The error to answer with; for the server, after the response is made.
    #[must_use]
    pub fn error(&self) -> Option<&AppError> {
        self.error.get()
    }

    /// Adds an effect, for the server to apply after the response is made.
    pub fn push_effect(&self, effect: ResponseEffect) {
        self.effects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(effect);
    }

    /// Takes the effects, in order; for the server, after the response is made.
    #[must_use]
    pub fn take_effects(&self) -> Vec<ResponseEffect> {
        std::mem::take(&mut *self.effects.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
