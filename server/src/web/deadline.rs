//! A response before a deadline, or a refusal: a proxy that waits holds back a user's request.

use super::reply::{Reply, unavailable};
use futures_util::{FutureExt, future::CatchUnwind};
use pin_project_lite::pin_project;
use std::{
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    task::unconstrained,
    time::{Sleep, sleep},
};

pin_project! {
    /// A response that comes too late, or not at all because of a panic (which its hook has logged), is a refusal.
    pub struct WithDeadline<F> {
        #[pin]
        response: CatchUnwind<AssertUnwindSafe<F>>,
        timeout: Duration,
        // Made when the response is not there at once: nearly all come from memory.
        #[pin]
        deadline: Option<Sleep>,
    }
}

/// Waits for `response` no longer than `timeout`. Open to tests, which bring responses that fail.
pub fn with_deadline<F: Future<Output = Reply>>(timeout: Duration, response: F) -> WithDeadline<F> {
    WithDeadline {
        response: AssertUnwindSafe(response).catch_unwind(),
        timeout,
        deadline: None,
    }
}

impl<F: Future<Output = Reply>> Future for WithDeadline<F> {
    type Output = Reply;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Reply> {
        let mut this = self.project();
        if let Poll::Ready(response) = this.response.poll(context) {
            return Poll::Ready(response.unwrap_or_else(|_| unavailable()));
        }
        if this.deadline.is_none() {
            this.deadline.set(Some(sleep(*this.timeout)));
        }
        if let Some(deadline) = this.deadline.as_pin_mut() {
            // A response that used up the task's budget must not put off its own deadline.
            ready!(pin!(unconstrained(deadline)).poll(context));
        }
        Poll::Ready(unavailable())
    }
}
