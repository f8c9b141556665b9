//! What the buttons that use or create a passkey have in common: busy while a ceremony runs, then the next page or the
//! reason of the failure.

use crate::components::icon::Icon;
use leptos::prelude::*;

/// The state of a button that runs a ceremony: busy, or failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct PasskeyButton {
    busy: RwSignal<bool>,
    failure: RwSignal<Option<String>>,
    #[cfg_attr(
        not(feature = "hydrate"),
        expect(dead_code, reason = "buttons fail in the browser alone")
    )]
    texts: StoredValue<String>,
}

impl PasskeyButton {
    pub(super) fn new(texts: String) -> Self {
        Self {
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            texts: StoredValue::new(texts),
        }
    }

    pub(super) fn is_busy(self) -> Option<&'static str> {
        self.busy.get().then_some("true")
    }

    /// Announced when it appears.
    pub(super) fn failure(self) -> Option<impl IntoView + use<>> {
        self.failure.get().map(|message| view! { <div class="notice notice-error" role="alert"><Icon name="warning"/><div><p>{message}</p></div></div> })
    }
}

#[cfg(feature = "hydrate")]
mod press {
    use super::PasskeyButton;
    use crate::browser::{
        before_hydration,
        ceremony::{self, go_to},
        failure::Failure,
        failure_code::FailureCode,
    };
    use leptos::{prelude::*, task::spawn_local};
    use std::time::Duration;

    impl PasskeyButton {
        pub(in crate::browser) fn sign_in(self, return_to: String, has_autofill: bool) {
            self.run(async move {
                let result = ceremony::sign_in(&return_to).await;
                // The request behind the autofill was aborted for the button; start it again.
                if result.is_err() {
                    self.offer_conditional_mediation(return_to, has_autofill);
                }
                result
            });
        }

        /// Marks the button as ready; if it was pressed before, it is pressed now.
        pub(in crate::browser) fn wake(self, purpose: &'static str) {
            set_timeout(move || before_hydration::wake(purpose), Duration::ZERO);
        }

        pub(in crate::browser) fn create(self, name: String) {
            self.run(async move { ceremony::create(&name).await });
        }

        pub(in crate::browser) fn prepare_approval(self, picked: String) {
            spawn_local(async move { ceremony::prepare_approval(&picked).await });
        }

        pub(in crate::browser) fn approve(self, picked: String) {
            self.run(async move { ceremony::approve(&picked).await });
        }

        pub(in crate::browser) fn offer_conditional_mediation(
            self,
            return_to: String,
            has_autofill: bool,
        ) {
            spawn_local(async move {
                if let Some(result) =
                    ceremony::offer_conditional_mediation(&return_to, has_autofill).await
                {
                    self.busy.set(true);
                    self.show(result);
                }
            });
        }

        /// Runs a ceremony, unless one is running.
        fn run(self, ceremony: impl Future<Output = Result<String, Failure>> + 'static) {
            if self.busy.get_untracked() {
                return;
            }
            self.busy.set(true);
            self.failure.set(None);
            spawn_local(async move { self.show(ceremony.await) });
        }

        fn text(self, code: FailureCode) -> String {
            self.texts
                .with_value(|texts| code.text_in(texts).to_owned())
        }

        fn fail(self, message: String) {
            self.busy.set(false);
            self.failure.set(Some(message));
        }

        fn show(self, result: Result<String, Failure>) {
            match result {
                // Still busy: the next page is loading.
                Ok(page) | Err(Failure::Redirect(page)) => go_to(&page),
                Err(Failure::Aborted) => self.busy.set(false),
                Err(Failure::Message(message) | Failure::UnknownPasskey(message)) => {
                    self.fail(message)
                }
                Err(Failure::Code(code)) => self.fail(self.text(code)),
                Err(Failure::Other(name)) => {
                    self.fail(self.text(FailureCode::Other).replace("{name}", &name));
                }
            }
        }
    }
}

/// On the server the buttons do nothing.
#[cfg(not(feature = "hydrate"))]
impl PasskeyButton {
    pub(super) fn sign_in(self, _: String, _: bool) {}

    pub(super) fn wake(self, _: &'static str) {}

    pub(super) fn create(self, _: String) {}

    pub(super) fn prepare_approval(self, _: String) {}

    pub(super) fn approve(self, _: String) {}

    pub(super) fn offer_conditional_mediation(self, _: String, _: bool) {}
}
