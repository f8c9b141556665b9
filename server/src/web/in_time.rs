//! An answer that comes in time, or a refusal: a proxy that waits holds a person's request.

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
    /// Keeps an answer certain: one that comes too late or not at all (a panic, which has told of
    /// itself) is a refusal.
    pub struct InTime<F> {
        #[pin]
        answer: CatchUnwind<AssertUnwindSafe<F>>,
        patience: Duration,
        // Made when the answer is not there at once: nearly all come from memory.
        #[pin]
        end: Option<Sleep>,
    }
}

/// Waits for `answer` no longer than `patience`. Open to tests, which bring answers that fail.
pub fn in_time<F: Future<Output = Reply>>(patience: Duration, answer: F) -> InTime<F> {
    InTime {
        answer: AssertUnwindSafe(answer).catch_unwind(),
        patience,
        end: None,
    }
}

impl<F: Future<Output = Reply>> Future for InTime<F> {
    type Output = Reply;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Reply> {
        let mut this = self.project();
        if let Poll::Ready(answer) = this.answer.poll(context) {
            return Poll::Ready(answer.unwrap_or_else(|_| unavailable()));
        }
        if this.end.is_none() {
            this.end.set(Some(sleep(*this.patience)));
        }
        if let Some(end) = this.end.as_pin_mut() {
            // An answer that used up the task's turn must not put off its own end.
            ready!(pin!(unconstrained(end)).poll(context));
        }
        Poll::Ready(unavailable())
    }
}
