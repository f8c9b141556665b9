//! `latchkey routes`: the routes of the public listener and their policies, for the tests.

use super::{Context, failure::Failure};
use crate::web::{public, route::Route};
use serde::Serialize;
use std::{fmt::Write, process::ExitCode};

#[derive(Serialize)]
struct Routes {
    items: Vec<Route>,
}

/// Prints the routes.
pub(super) fn run(context: &Context) -> Result<ExitCode, Failure> {
    let items = public::routes();
    let text = items.iter().fold(String::new(), |mut text, route| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {}", route.method, route.path);
        text
    });
    context.output.print(text.trim_end(), &Routes { items })
}
