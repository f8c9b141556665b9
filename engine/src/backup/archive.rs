//! The file of a backup: a tar archive (POSIX ustar), so that everybody can look into it without Latchkey.
//!
//! 1. `manifest.json` comes first and says of each part how long it is and what its SHA-256 is.
//! 2. `manifest.tag` is the manifest's HMAC under the master key: where the key is kept apart, whoever changes a backup is
//!    found out.
//! 3. `master.key`, if the backup has it, and `latchkey.db`.

use super::{BackupError, BackupFault, staging::Abandoned};
use crate::database::new_file;
use ring::digest;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};
use tar::{Archive, Builder, EntryType, Header};
use time::OffsetDateTime;
use url::Url;

pub(super) const DATABASE: &str = "latchkey.db";
pub(super) const KEY: &str = "master.key";
const MANIFEST: &str = "manifest.json";
const TAG: &str = "manifest.tag";

/// The version of this format.
pub(super) const FORMAT: u32 = 1;

/// A manifest or tag is shorter.
const MAX_TEXT_BYTES: u64 = 64 * 1024;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    /// The version of Latchkey that made it.
    pub(super) latchkey: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) made_at: OffsetDateTime,
    /// The address to which passkeys belong.
    pub(super) public_url: String,
    /// The last step of the schema.
    pub(super) schema: String,
    /// How far the audit log had come, and the hash of its last entry.
    pub(super) audit_seq: i64,
    pub(super) audit_hash: String,
    pub(super) files: BTreeMap<String, Part>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Part {
    pub(super) fn of(path: &Path, abandoned: &Abandoned) -> io::Result<Self> {
        copy(&mut File::open(path)?, &mut io::sink(), abandoned)
    }
}

/// A backup as it was read: what it says, and the bytes and tag that tell whether that is genuine.
pub(super) struct Unpacked {
    pub(super) manifest: Manifest,
    pub(super) manifest_text: Vec<u8>,
    pub(super) tag: String,
}

/// Writes an archive of the files in `dir` that the manifest names, and puts it on the disk.
pub(super) fn pack(
    to: File,
    manifest: &Manifest,
    text: &[u8],
    tag: &str,
    dir: &Path,
    abandoned: &Abandoned,
) -> io::Result<()> {
    let mut archive = Builder::new(BufWriter::new(to));
    let mtime = manifest.made_at.unix_timestamp().cast_unsigned();
    let header = |bytes: u64| {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(mtime);
        header
    };
    archive.append_data(&mut header(text.len() as u64), MANIFEST, text)?;
    archive.append_data(&mut header(tag.len() as u64), TAG, tag.as_bytes())?;
    for name in [KEY, DATABASE] {
        if let Some(part) = manifest.files.get(name) {
            let file = Checked(File::open(dir.join(name))?.take(part.bytes), abandoned);
            archive.append_data(&mut header(part.bytes), name, file)?;
        }
    }
    let file = archive.into_inner()?.into_inner()?;
    file.sync_all()
}

/// Reads an archive, and puts its files into `dir` if they are what the manifest says.
pub(super) fn unpack(
    from: &Path,
    dir: &Path,
    abandoned: &Abandoned,
) -> Result<Unpacked, BackupError> {
    let unfit = |fault| BackupError::unfit(from, fault);
    let unreadable = |cause: io::Error| unfit(BackupFault::Unreadable(cause));
    let no_backup = || unfit(BackupFault::NotABackup);
    let file = File::open(from).map_err(BackupError::at(from))?;
    let mut archive = Archive::new(BufReader::new(file));
    // Raw: no extension of the format is acted on, and none is written.
    let mut entries = archive.entries().map_err(unreadable)?.raw(true);
    let mut next = |name: &str| match entries.next() {
        Some(Ok(entry))
            if entry.path_bytes().as_ref() == name.as_bytes()
                && entry.header().entry_type() == EntryType::Regular =>
        {
            Ok(entry)
        }
        Some(Err(cause)) => Err(unreadable(cause)),
        _ => Err(no_backup()),
    };
    let mut text = |name: &str| {
        let entry = next(name)?;
        let mut text = Vec::new();
        entry
            .take(MAX_TEXT_BYTES)
            .read_to_end(&mut text)
            .map_err(unreadable)?;
        Ok::<_, BackupError>(text)
    };
    let manifest_text = text(MANIFEST)?;
    let tag = String::from_utf8(text(TAG)?).map_err(|_| no_backup())?;
    let manifest: Manifest = match serde_json::from_slice(&manifest_text) {
        Ok(manifest) => manifest,
        Err(_) => return Err(no_backup()),
    };
    if manifest.format != FORMAT {
        return Err(unfit(BackupFault::NewerFormat));
    }
    // It is printed, and Latchkey writes it as URLs are written, without characters that a terminal acts on.
    let is_url = |text: &str| Url::parse(text).is_ok_and(|url| url.as_str() == text);
    if !is_url(&manifest.public_url) {
        return Err(no_backup());
    }
    for name in [KEY, DATABASE] {
        let Some(part) = manifest.files.get(name) else {
            continue;
        };
        let path = dir.join(name);
        let mut file = new_file::create(&path).map_err(BackupError::at(&path))?;
        let mut entry = next(name)?;
        let found = copy(&mut entry, &mut file, abandoned)
            .and_then(|found| file.sync_all().map(|()| found))
            .map_err(unreadable)?;
        if found != *part {
            return Err(unfit(BackupFault::FileChanged(name)));
        }
    }
    if !manifest.files.contains_key(DATABASE) {
        return Err(no_backup());
    }
    Ok(Unpacked {
        manifest,
        manifest_text,
        tag,
    })
}

/// Copies a file that only we may read.
pub(super) fn copy_file(from: &Path, to: &Path, abandoned: &Abandoned) -> io::Result<()> {
    let mut to = new_file::create(to)?;
    copy(&mut File::open(from)?, &mut to, abandoned).map(drop)
}

/// Reads until nobody waits for it any more.
struct Checked<'a, R>(R, &'a Abandoned);

impl<R: Read> Read for Checked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.check()?;
        self.0.read(buffer)
    }
}

/// Copies, and says what was copied.
fn copy(from: &mut impl Read, to: &mut impl Write, abandoned: &Abandoned) -> io::Result<Part> {
    let mut from = Checked(from, abandoned);
    let mut sha = digest::Context::new(&digest::SHA256);
    let (mut bytes, mut buffer) = (0, vec![0; 64 * 1024]);
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => break,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            length => length?,
        };
        sha.update(&buffer[..length]);
        to.write_all(&buffer[..length])?;
        bytes += length as u64;
    }
    Ok(Part {
        bytes,
        sha256: hex::encode(sha.finish()),
    })
}
