//! What is stored about a user: a copy of it, and its erasure.

use super::change::find;
use crate::cli::{Context, OPERATOR, confirm, failure::Failure, local_origin};
use std::{
    fs::OpenOptions,
    io::{BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
};

pub(super) async fn export(
    context: &Context,
    email: &str,
    output: Option<PathBuf>,
) -> Result<ExitCode, Failure> {
    let (engine, user) = find(context, email).await?;
    let Some(path) = output else {
        let mut export = (engine.export_user(&OPERATOR, user.id, &local_origin())).await?;
        // `write` ends the line, and a line may end between any two entries.
        while let Some(part) = export.next().await? {
            if !context.output.write(part.trim_end_matches('\n'))? {
                break;
            }
        }
        return Ok(ExitCode::SUCCESS);
    };
    let unusable = |cause| Failure::File {
        path: path.display().to_string(),
        cause,
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(unusable)?;
    let mut copy = BufWriter::new(file);
    let mut export = (engine.export_user(&OPERATOR, user.id, &local_origin())).await?;
    while let Some(part) = export.next().await? {
        copy.write_all(part.as_bytes()).map_err(unusable)?;
    }
    copy.flush().map_err(unusable)?;
    copy.get_ref().sync_all().map_err(unusable)?;
    let text = format!("Everything about {} is in {}.", user.email, path.display());
    context.output.print(text, &user)
}

pub(super) async fn erase(context: &Context, email: &str, yes: bool) -> Result<ExitCode, Failure> {
    let (engine, user) = find(context, email).await?;
    let question = format!(
        "Erase {} with {} devices and {} passkeys? This cannot be undone.",
        user.email, user.devices, user.passkeys
    );
    confirm::ask(yes, &question)?;
    let erased = engine
        .erase_user(&OPERATOR, user.id, &local_origin())
        .await?;
    let kept = match context.config.audit.retention {
        Some(retention) => format!(
            "until audit.retention removes them, {} days after each",
            retention.whole_days()
        ),
        None => {
            "until you remove them with latchkey audit prune, because audit.retention is forever"
                .to_owned()
        }
    };
    let text = format!(
        "{} was erased. The audit log keeps {} entries that name them, {kept}. Copies that were made before, such as backups and exports, still have everything.",
        erased.email, erased.events_left
    );
    context.output.print(text, &erased)
}
