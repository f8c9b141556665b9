//! The check of the audit log's chain, on the page of the log: what it found, or how far it has come. It goes on in the background; the
//! page loads itself again until it has ended, without a script.

use super::unsealed::UnsealedNotice;
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        icon::Icon,
        notice::{Notice, Tone},
    },
    format,
    messages::m,
    pages::query,
    response,
};
use http::header::REFRESH;
use latchkey_engine::{ChainReport, Verification, VerificationOutcome};
use leptos::prelude::*;
use std::time::Duration;

/// How long the page waits for the end: the check of most logs takes less.
pub(super) const CHECK_WAIT: Duration = Duration::from_millis(1500);

/// The check that the address asks for: a new one (`verify=1`), or one that is under way or has ended (`check=…`).
#[expect(
    clippy::option_option,
    reason = "a check without a number is a new one"
)]
pub(super) fn asked_check() -> Option<Option<u64>> {
    match query("check") {
        Some(number) => Some(number.parse().ok()),
        None => (query("verify").as_deref() == Some("1")).then_some(None),
    }
}

/// The page while a check is under way: without the list, so that nothing that is entered there is lost.
#[component]
pub fn CheckUnderWay(
    /// How far it has come.
    check: Verification,
) -> impl IntoView {
    let address = format!("/admin/audit?check={}", check.number);
    response::set_header(REFRESH, &format!("1;url={address}"));
    let progress = m::audit_check_progress(check.checked, check.entries);
    view! {
        <AppLayout title=m::NAV_AUDIT nav_item=NavItem::Audit>
            <div class="page-head"><div><h1>{m::NAV_AUDIT}</h1></div></div>
            <section class="empty" aria-labelledby="check">
                <Icon name="shield"/>
                <h2 id="check">{m::AUDIT_CHECKING}</h2>
                <progress class="progress" value=check.checked max=check.entries.max(1) aria-labelledby="check"></progress>
                <p role="status">{progress}</p>
                <p class="quiet">{m::AUDIT_CHECKING_LEAD}</p>
                <a class="button" href="/admin/audit">{m::AUDIT_CHECK_LEAVE}</a>
            </section>
        </AppLayout>
    }
}

/// What a check found.
#[component]
pub fn Outcome(
    /// It.
    outcome: VerificationOutcome,
) -> impl IntoView {
    match outcome {
        VerificationOutcome::Checked(report, unsealed) => {
            view! { <Chain report=report/><UnsealedNotice unsealed=unsealed/> }.into_any()
        }
        VerificationOutcome::Failed => {
            view! { <Notice tone=Tone::Error message=m::AUDIT_CHECK_FAILED/> }.into_any()
        }
    }
}

#[component]
fn Chain(report: ChainReport) -> impl IntoView {
    let (tone, message) = match report {
        ChainReport::Intact { entries, pruned } => {
            let intact = m::audit_intact(entries).text();
            let pruned = pruned.map(|pruned| {
                let until = format::exact(pruned.until).text();
                m::audit_pruned(pruned.entries, until).text()
            });
            let texts = [Some(intact), pruned, Some(m::AUDIT_TRUNCATION.text())];
            let texts: Vec<_> = texts.into_iter().flatten().collect();
            (Tone::Success, texts.join(" "))
        }
        ChainReport::Broken { seq } => (Tone::Error, m::audit_broken(seq.to_string()).text()),
    };
    view! { <Notice tone=tone message=message/> }
}
