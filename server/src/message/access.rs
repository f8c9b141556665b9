//! Files that we may not use, and files that others may.

use latchkey_engine::{AccessFault, DataFault, Exposure, Ownership};
use std::path::Path;

/// The end of a sentence about a file that we may not use.
pub(super) fn fault(fault: &AccessFault) -> String {
    match fault {
        AccessFault::ReadOnlyFileSystem => {
            "lies on a read-only file system; mount it writable".to_owned()
        }
        AccessFault::FullDisk => "lies on a disk that is full; make room there".to_owned(),
        AccessFault::Ownership(found) => ownership(found),
    }
}

fn ownership(found: &Ownership) -> String {
    let Ownership {
        owner,
        group,
        mode,
        process_user: we,
        ..
    } = found;
    let (shown, place) = (found.path.display(), found.of.display());
    let (start, remedy) = match found.of == found.path {
        true if owner == we => (String::new(), format!("run: chmod u+rwX {shown}")),
        true => (
            String::new(),
            format!("run it as the user {owner}, or: chown {we} {shown}"),
        ),
        // Not the directory above: that may be everybody's.
        false if found.is_missing => (
            format!("lies below {place}, which "),
            format!("make it as that user: install -d -m 700 -o {we} {shown}"),
        ),
        false => (
            format!("lies below {place}, which "),
            format!("run it as the user {owner}, or: chmod a+x {place}"),
        ),
    };
    format!(
        "{start}belongs to the user {owner} and the group {group} (mode {mode:o}), and Latchkey runs as the user {we}; {remedy}"
    )
}

/// Logs how others can reach the data.
pub(crate) fn warn(faults: &[DataFault]) {
    for DataFault { path, exposure, .. } in faults {
        let reason = self::exposure(path, exposure);
        tracing::warn!(path = %path.display(), reason, "others can reach Latchkey's data");
    }
}

/// How others can reach the file or directory at `path`, and what to do.
pub(crate) fn exposure(path: &Path, exposure: &Exposure) -> String {
    let shown = path.display();
    match exposure {
        Exposure::ForeignDirectory {
            owner,
            process_user,
        } => format!(
            "it belongs to the user {owner}, who may replace its files; run: chown {process_user} {shown}"
        ),
        Exposure::OpenDirectory { mode } => format!(
            "everybody on this machine may write to it (mode {mode:o}) and so replace its files; run: chmod go= {shown}"
        ),
        Exposure::SharedDirectory { mode } => {
            format!("others may make files in it (mode {mode:o}); run: chmod go= {shown}")
        }
        Exposure::Link => "it is a symbolic link in a directory where others may put one; take it away, or close the directory to others first".to_owned(),
        Exposure::ForeignFile {
            owner,
            process_user,
        } => format!(
            "it belongs to the user {owner}, who may have put it there; look at it, then delete it or run: chown {process_user} {shown}"
        ),
        Exposure::WritableFile { mode } => {
            format!("others may write to it (mode {mode:o}); run: chmod go= {shown}")
        }
        Exposure::ReadableFile { mode } => {
            format!("others may read it (mode {mode:o}); run: chmod go= {shown}")
        }
        Exposure::WritableKey { mode } => {
            format!("others may write to it (mode {mode:o}); run: chmod 600 {shown}")
        }
        Exposure::ReadableKey { mode } => format!(
            "everybody on this machine may read it (mode {mode:o}); run: chmod 600 {shown}"
        ),
        Exposure::ReadableMountedKey { mode } => format!(
            "everybody on this machine may read it (mode {mode:o}), and it is mounted read-only; let the platform give it to Latchkey alone (Kubernetes: defaultMode 0440 and fsGroup; Docker: mode 0400 and uid)"
        ),
    }
}
