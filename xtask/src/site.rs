//! The site: every file a browser may ask for, under names that change with their content, and a
//! manifest from which `server/build.rs` embeds them.
//!
//! The manifest has one fact a line:
//!
//! ```text
//! output latchkey.<hash>             js and wasm are pkg/latchkey.<hash>.js and …_bg.wasm
//! stylesheet pkg/latchkey.<hash>.css
//! file immutable <hash> <path>       the name changes with the content: cache it for ever
//! file revalidate <hash> <path>      the name stays: ask again, the hash is the ETag
//! ```

use std::{
    collections::HashSet,
    fmt::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::{compress::Compressor, digest::digest, directory, step::Size, wasm::Bound};

/// The manifest's name in the site's directory. It is not served.
const MANIFEST: &str = "manifest.txt";

/// All files, not yet on disk.
#[derive(Debug)]
pub(crate) struct Site {
    output: String,
    stylesheet: String,
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    path: String,
    content: Vec<u8>,
    /// Whether the path changes with the content.
    immutable: bool,
}

/// What the site weighs.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) wasm: Weight,
    pub(crate) js: Weight,
    pub(crate) css: Weight,
}

/// Bytes as they lie on disk and as they travel.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Weight {
    pub(crate) raw: usize,
    pub(crate) brotli: usize,
}

impl Site {
    /// Names the files. Leptos adds `_bg` to the wasm's name, so one hash over both names them.
    pub(crate) fn assemble(bound: Bound, style: String, assets: &Path) -> Result<Self> {
        let mut parts: Vec<&[u8]> = vec![bound.js.as_bytes(), &bound.wasm];
        for (path, content) in &bound.snippets {
            parts.extend([path.as_bytes(), content]);
        }
        let hash = digest(&parts);
        let output = format!("latchkey.{hash}");
        let stylesheet = format!("pkg/latchkey.{}.css", digest(&[style.as_bytes()]));

        // The directory carries the hash too: a browser never mixes two builds.
        let js = bound
            .js
            .replace("'./snippets/", &format!("'./snippets/{hash}/"));
        let js = js.replace("\"./snippets/", &format!("\"./snippets/{hash}/"));
        let immutable = |path: String, content: Vec<u8>| File {
            path,
            content,
            immutable: true,
        };
        let mut files = vec![
            immutable(format!("pkg/{output}.js"), js.into_bytes()),
            immutable(format!("pkg/{output}_bg.wasm"), bound.wasm),
            immutable(stylesheet.clone(), style.into_bytes()),
        ];
        for (path, content) in bound.snippets {
            files.push(immutable(format!("pkg/snippets/{hash}/{path}"), content));
        }
        if assets.is_dir() {
            for (path, content) in directory::files_below(assets)? {
                files.push(File {
                    path,
                    content,
                    immutable: false,
                });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        for file in &files {
            check_name(&file.path)?;
        }
        Ok(Self {
            output,
            stylesheet,
            files,
        })
    }

    /// Writes the files, each with its compressed forms beside it, then the manifest; removes what
    /// an earlier build left. A file that is right already is not touched, so that Cargo builds
    /// the server again only when something changed.
    pub(crate) fn write(&self, dir: &Path, compressor: &mut Compressor) -> Result<Written> {
        let mut written = Written::default();
        let mut kept = HashSet::from([dir.join(MANIFEST)]);
        let mut manifest =
            String::from("# Written by `cargo xtask build`, read by server/build.rs.\n");
        writeln!(manifest, "output {}", self.output)?;
        writeln!(manifest, "stylesheet {}", self.stylesheet)?;

        for File {
            path,
            content,
            immutable,
        } in &self.files
        {
            let hash = digest(&[content]);
            let brotli = compressor.brotli(&hash, content)?;
            let forms = [("br", &brotli), ("gz", &compressor.gzip(&hash, content)?)];
            let mut put = |path: PathBuf, content: &[u8]| -> Result<()> {
                directory::write_if_changed(&path, content)?;
                kept.insert(path);
                Ok(())
            };
            put(dir.join(path), content)?;
            for (extension, compressed) in forms {
                // Pictures are compressed already; a second time only adds bytes.
                if compressed.len() < content.len() {
                    put(dir.join(format!("{path}.{extension}")), compressed)?;
                }
            }
            let caching = if *immutable {
                "immutable"
            } else {
                "revalidate"
            };
            writeln!(manifest, "file {caching} {hash} {path}")?;
            written.add(
                path,
                *immutable,
                Weight {
                    raw: content.len(),
                    brotli: brotli.len(),
                },
            );
        }
        directory::write_if_changed(&dir.join(MANIFEST), manifest.as_bytes())?;
        directory::remove_others(dir, &kept)?;
        Ok(written)
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} brotli)", Size(self.raw), Size(self.brotli))
    }
}

impl Written {
    fn add(&mut self, path: &str, ours: bool, weight: Weight) {
        let sum = match path.rsplit_once('.') {
            Some((_, "wasm")) if ours => &mut self.wasm,
            Some((_, "js")) if ours => &mut self.js,
            Some((_, "css")) if ours => &mut self.css,
            _ => return,
        };
        sum.raw += weight.raw;
        sum.brotli += weight.brotli;
    }
}

/// Names that need no escaping, in an address as little as in Rust source.
fn check_name(path: &str) -> Result<()> {
    if let Some(odd) = path
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !"-_./".contains(*c))
    {
        bail!(
            "the file {path} has {odd:?} in its name; letters, digits, `-`, `_` and `.` are fine"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(js: &str) -> Bound {
        Bound {
            js: js.to_owned(),
            wasm: b"\0asm".to_vec(),
            snippets: vec![("dep-1/inline0.js".to_owned(), b"export {}".to_vec())],
        }
    }

    #[test]
    fn js_and_wasm_share_one_name_and_snippets_follow() {
        let js = "import { f } from './snippets/dep-1/inline0.js';";
        let site = Site::assemble(bound(js), "p{}".to_owned(), Path::new("/nowhere")).unwrap();
        let hash = site.output.strip_prefix("latchkey.").unwrap().to_owned();
        let paths: HashSet<&str> = site.files.iter().map(|file| file.path.as_str()).collect();
        assert!(paths.contains(format!("pkg/latchkey.{hash}.js").as_str()));
        assert!(paths.contains(format!("pkg/latchkey.{hash}_bg.wasm").as_str()));
        assert!(paths.contains(format!("pkg/snippets/{hash}/dep-1/inline0.js").as_str()));
        let js = site
            .files
            .iter()
            .find(|file| file.path.ends_with(&format!("{hash}.js")))
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&js.content),
            format!("import {{ f }} from './snippets/{hash}/dep-1/inline0.js';")
        );
    }

    #[test]
    fn another_content_is_another_name() {
        let name = |js| {
            Site::assemble(bound(js), String::new(), Path::new("/nowhere"))
                .unwrap()
                .output
        };
        assert_ne!(name("a"), name("b"));
        assert_eq!(name("a"), name("a"));
    }

    #[test]
    fn a_name_with_a_space_is_refused() {
        assert!(check_name("icons/a b.svg").is_err());
        assert!(check_name("icons/a-b_c.1.svg").is_ok());
    }
}
