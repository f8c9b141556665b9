//! The book: `docs`, as pages to read in a browser.

use anyhow::Result;

use crate::{process, step::note, tools::MDBOOK, workspace::Workspace};

/// Builds it in `target/book`.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let book = workspace.target().join("book");
    let mut mdbook = workspace.program(MDBOOK.ensure(workspace)?);
    mdbook
        .args(["build", "docs", "--dest-dir"])
        .arg(&book)
        // Otherwise a page that SUMMARY.md names and that is not there is made, empty.
        .env("MDBOOK_BUILD__CREATE_MISSING", "false");
    process::run(&mut mdbook)?;
    note("ready", &book.join("index.html").display());
    Ok(())
}
