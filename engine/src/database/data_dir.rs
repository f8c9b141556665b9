//! The data directory: made for us alone, and looked at before anything in it is believed.
//!
//! Whoever can write there can put another master key or database in our place, or a link on which we
//! write over a file elsewhere. So what others could have planted is refused, and our own files are made so that no link is
//! followed (`new_file.rs`).

mod inspection;

pub use inspection::{DataFault, Exposure, inspect};

use super::permissions::AccessFault;
use crate::OpenError;
use std::{fs::DirBuilder, path::Path};

/// Makes the directory if it is missing, and refuses one that cannot be written or in which others can replace our files.
/// Returns what is wrong with it otherwise.
pub(crate) fn prepare(path: &Path) -> Result<Vec<DataFault>, OpenError> {
    let refuse = |cause| OpenError::DataDir {
        path: path.to_owned(),
        access: AccessFault::of(path, &cause),
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
    match faults.first() {
        // The worst is the first.
        Some(fault) if fault.is_fatal => Err(OpenError::DataUnsafe {
            path: fault.path.clone(),
            exposure: fault.exposure.clone(),
        }),
        _ => Ok(faults),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
