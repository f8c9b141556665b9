//! The data directory: made for us alone, and looked at before anything in it is believed.
//!
//! Whoever can write there can put another master key or database in our place, or a link on which we
//! write over a file elsewhere. So what others could have planted is refused, and our own files are made so that no link is
//! followed (`new_file.rs`).

mod inspection;

pub use inspection::{DataFault, inspect};

use crate::OpenError;
use std::{fs::DirBuilder, path::Path};

/// Makes the directory if it is missing, and refuses one that cannot be written or in which others can replace our files.
pub(crate) fn prepare(path: &Path) -> Result<(), OpenError> {
    let refuse = |cause| OpenError::DataDir {
        path: path.to_owned(),
        cause,
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(refuse)?;
    // Judged as it was found: what others could have planted is refused also when they no longer can.
    let faults = inspect(path).map_err(refuse)?;
    #[cfg(unix)]
    if let Some(mode) = inspection::unix::close_to_everybody(path).map_err(refuse)? {
        tracing::warn!(path = %path.display(), mode = format!("{mode:o}"), "everybody on this machine could write to the data directory; it was closed to them");
    }
    for fault in faults {
        let DataFault {
            path,
            is_fatal,
            reason,
        } = fault;
        if is_fatal {
            return Err(OpenError::DataUnsafe { path, reason });
        }
        tracing::warn!(path = %path.display(), reason, "others can reach Latchkey's data");
    }
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
