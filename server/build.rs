//! Embeds the site that `cargo xtask build` has made: `LATCHKEY_SITE_DIR` names its directory, the
//! manifest in it names the files. Without the variable the site is empty, so that the server
//! compiles, and its tests run, without a browser's half.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LATCHKEY_SITE_DIR");
    let source = match env::var("LATCHKEY_SITE_DIR") {
        Ok(dir) if !dir.is_empty() => embed(Path::new(&dir))?,
        _ => table("latchkey", "", "")?,
    };
    let out = env::var_os("OUT_DIR").ok_or("Cargo names no OUT_DIR")?;
    fs::write(Path::new(&out).join("site.rs"), source)?;
    Ok(())
}

/// Reads the manifest; its form is described in `xtask/src/site.rs`.
fn embed(dir: &Path) -> Result<String, Box<dyn Error>> {
    let path = dir.join("manifest.txt");
    println!("cargo::rerun-if-changed={}", path.display());
    let manifest = fs::read_to_string(&path).map_err(|error| {
        format!(
            "LATCHKEY_SITE_DIR is set, but {} cannot be read ({error}). Run `cargo xtask build`, \
             which makes the site and sets the variable, or unset it to build without the site",
            path.display()
        )
    })?;

    let (mut output, mut stylesheet, mut files) = ("", "", Vec::new());
    for line in manifest.lines().filter(|line| !line.starts_with('#')) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["output", name] => output = name,
            ["stylesheet", name] => stylesheet = name,
            ["file", "immutable", hash, name] => files.push((name, hash, true)),
            ["file", "revalidate", hash, name] => files.push((name, hash, false)),
            _ => return Err(format!("{}: no sense in the line `{line}`", path.display()).into()),
        }
    }

    // The server searches the table by halves.
    files.sort_unstable();
    let mut assets = String::new();
    for (name, hash, immutable) in files {
        let content_type = content_type(name)?;
        let raw = included(&dir.join(name));
        let compressed = |extension: &str| {
            let file = dir.join(format!("{name}.{extension}"));
            // Only where it is smaller has the build left one.
            if file.is_file() {
                format!("Some({})", included(&file))
            } else {
                "None".to_owned()
            }
        };
        let (brotli, gzip) = (compressed("br"), compressed("gz"));
        let etag = format!("W/\"{hash}\"");
        writeln!(
            assets,
            "    Asset {{ path: \"/{name}\", content_type: {content_type:?}, etag: {etag:?}, \
             immutable: {immutable}, raw: {raw}, brotli: {brotli}, gzip: {gzip} }},"
        )?;
    }
    let stylesheet = if stylesheet.is_empty() {
        String::new()
    } else {
        format!("/{stylesheet}")
    };
    table(output, &stylesheet, &assets)
}

fn table(output: &str, stylesheet: &str, assets: &str) -> Result<String, Box<dyn Error>> {
    let mut source = String::new();
    writeln!(
        source,
        "/// The name Leptos's hydration script is told: js and wasm are named after it."
    )?;
    writeln!(source, "pub(crate) const OUTPUT_NAME: &str = {output:?};\n")?;
    writeln!(
        source,
        "/// The style sheet's path, `/pkg/latchkey.<hash>.css`; empty without a site."
    )?;
    writeln!(
        source,
        "pub(crate) const STYLESHEET: &str = {stylesheet:?};\n"
    )?;
    writeln!(source, "/// Every file, sorted by path.")?;
    writeln!(source, "static ASSETS: &[Asset] = &[\n{assets}];")?;
    Ok(source)
}

fn included(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}

/// A browser that is told `nosniff` believes only this, so a guess is no use.
fn content_type(name: &str) -> Result<&'static str, String> {
    Ok(
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("css") => "text/css; charset=utf-8",
            Some("gif") => "image/gif",
            Some("html") => "text/html; charset=utf-8",
            Some("ico") => "image/x-icon",
            Some("jpg" | "jpeg") => "image/jpeg",
            Some("js" | "mjs") => "text/javascript; charset=utf-8",
            Some("json") => "application/json",
            Some("png") => "image/png",
            Some("svg") => "image/svg+xml",
            Some("txt") => "text/plain; charset=utf-8",
            Some("wasm") => "application/wasm",
            Some("webmanifest") => "application/manifest+json",
            Some("webp") => "image/webp",
            Some("woff2") => "font/woff2",
            _ => {
                return Err(format!(
                    "no content type is known for {name}; add it in server/build.rs"
                ));
            }
        },
    )
}
