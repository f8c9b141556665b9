//! Compressed once here, so that the server never spends time on it.

use std::{collections::HashSet, fs, io::Write, path::PathBuf};

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use crate::{profile::Profile, workspace::Workspace};

/// Compresses, and remembers what it has compressed: Brotli at its best takes seconds.
#[derive(Debug)]
pub(crate) struct Compressor {
    cache: PathBuf,
    brotli_quality: i32,
    gzip_level: Compression,
    used: HashSet<String>,
}

impl Compressor {
    /// A compressor with this profile's memory.
    pub(crate) fn open(workspace: &Workspace, profile: Profile) -> Result<Self> {
        let cache = workspace.cache(profile).join("compressed");
        fs::create_dir_all(&cache)?;
        let (brotli_quality, gzip_level) = match profile {
            Profile::Release | Profile::Quick => (11, Compression::best()),
            Profile::Dev => (4, Compression::fast()),
        };
        Ok(Self {
            cache,
            brotli_quality,
            gzip_level,
            used: HashSet::new(),
        })
    }

    /// Brotli (RFC 7932). `digest` names the content.
    pub(crate) fn brotli(&mut self, digest: &str, content: &[u8]) -> Result<Vec<u8>> {
        let quality = self.brotli_quality;
        self.cached(&format!("{digest}.br"), || {
            let params = BrotliEncoderParams {
                quality,
                size_hint: content.len(),
                ..BrotliEncoderParams::default()
            };
            let mut compressed = Vec::new();
            brotli::BrotliCompress(&mut &*content, &mut compressed, &params)?;
            Ok(compressed)
        })
    }

    /// gzip (RFC 1952). `digest` names the content.
    pub(crate) fn gzip(&mut self, digest: &str, content: &[u8]) -> Result<Vec<u8>> {
        let level = self.gzip_level;
        self.cached(&format!("{digest}.gz"), || {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(content)?;
            Ok(encoder.finish()?)
        })
    }

    /// Removes what this build did not ask for, so that the memory does not grow for ever.
    pub(crate) fn evict_unused(&self) -> Result<()> {
        for entry in fs::read_dir(&self.cache)? {
            let entry = entry?;
            if !entry
                .file_name()
                .to_str()
                .is_some_and(|name| self.used.contains(name))
            {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn cached(
        &mut self,
        name: &str,
        compress: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        self.used.insert(name.to_owned());
        let path = self.cache.join(name);
        if let Ok(compressed) = fs::read(&path) {
            return Ok(compressed);
        }
        let compressed = compress()?;
        // A build that is stopped half-way must not leave half a file under the finished name.
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, &compressed)?;
        fs::rename(unfinished, path)?;
        Ok(compressed)
    }
}
