//! The browser's half: compiled, bound to JavaScript, made small.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    digest::digest,
    directory, process,
    profile::Profile,
    step::{note, step},
    toolchain,
    workspace::Workspace,
};

/// Older ones refuse, or break, what today's compiler writes.
const OLDEST_WASM_OPT: u32 = 116;

/// What the compiler's own wasm target uses; wasm-opt has to be told.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The name wasm-bindgen is given; the site replaces it by one with a hash.
const STEM: &str = "latchkey";

/// The wasm with its JavaScript.
#[derive(Debug)]
pub(crate) struct Bound {
    /// The module that pages import.
    pub(crate) js: String,
    /// The module that it instantiates.
    pub(crate) wasm: Vec<u8>,
    /// JavaScript of dependencies, by path below `snippets/`.
    pub(crate) snippets: Vec<(String, Vec<u8>)>,
}

/// Compiles `frontend` and returns the path of the wasm file.
pub(crate) fn compile(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let (cargo_profile, directory) = match profile {
        Profile::Release | Profile::Quick => ("wasm-release", "wasm-release"),
        Profile::Dev => ("dev", "debug"),
    };
    process::run(&mut workspace.cargo(&[
        "build",
        "--package",
        "latchkey-frontend",
        "--target",
        toolchain::WASM,
        "--profile",
        cargo_profile,
    ]))?;
    Ok(workspace
        .target()
        .join(toolchain::WASM)
        .join(directory)
        .join("latchkey_frontend.wasm"))
}

/// Binds the compiled wasm to JavaScript and shrinks it; work done before on the same bytes is kept.
pub(crate) fn bind(workspace: &Workspace, profile: Profile, compiled: &Path) -> Result<Bound> {
    let bytes =
        fs::read(compiled).with_context(|| format!("could not read {}", compiled.display()))?;
    let optimiser = match profile {
        Profile::Release | Profile::Quick => Some(find_wasm_opt(workspace)),
        Profile::Dev => None,
    };
    let version = optimiser
        .iter()
        .flatten()
        .map(|(_, version)| version.to_string());
    let key = digest(&[&bytes, version.collect::<String>().as_bytes()]);

    let cache = workspace.cache(profile).join("wasm");
    let kept = cache.join(&key);
    if kept.is_dir() {
        note("bindgen", &"unchanged");
        return load(&kept);
    }
    let fresh = cache.join("unfinished");
    if cache.exists() {
        fs::remove_dir_all(&cache)?;
    }
    fs::create_dir_all(&fresh)?;
    step("bindgen", || generate(bytes, profile, &fresh))?;
    match optimiser {
        Some(Some((program, _))) => {
            step("wasm-opt", || {
                optimise(&program, &fresh.join(format!("{STEM}_bg.wasm")))
            })?;
        }
        Some(None) => note(
            "wasm-opt",
            &format!(
                "skipped, the wasm stays larger: no version {OLDEST_WASM_OPT} or newer here \
                 (`npm ci` in end2end brings one)"
            ),
        ),
        None => {}
    }
    // Only a finished result gets the name that says so.
    fs::rename(fresh, &kept)?;
    load(&kept)
}

fn generate(bytes: Vec<u8>, profile: Profile, dir: &Path) -> Result<()> {
    let for_deployment = profile != Profile::Dev;
    Bindgen::new()
        .input_bytes(STEM, bytes)
        .web(true)?
        .typescript(false)
        // The page says where the wasm is.
        .omit_default_module_path(true)
        .remove_name_section(for_deployment)
        .remove_producers_section(for_deployment)
        .generate(dir)
        .context("wasm-bindgen could not bind the wasm")
}

fn optimise(program: &Path, wasm: &Path) -> Result<()> {
    let small = wasm.with_extension("small");
    let mut command = Command::new(program);
    process::run(
        command
            .arg("-Oz")
            .args(WASM_FEATURES)
            .arg(wasm)
            .arg("-o")
            .arg(&small),
    )?;
    fs::rename(small, wasm)?;
    Ok(())
}

/// The first wasm-opt that is new enough, and its version.
fn find_wasm_opt(workspace: &Workspace) -> Option<(PathBuf, u32)> {
    let from_npm = workspace.end2end().join("node_modules/.bin/wasm-opt");
    let candidates = [
        process::on_path("wasm-opt"),
        process::is_program(&from_npm).then_some(from_npm),
    ];
    candidates.into_iter().flatten().find_map(|program| {
        let said = process::output(Command::new(&program).arg("--version")).ok()?;
        let version = wasm_opt_version(&said)?;
        (version >= OLDEST_WASM_OPT).then_some((program, version))
    })
}

/// `wasm-opt version 132 (version_132)` is 132.
fn wasm_opt_version(said: &str) -> Option<u32> {
    said.strip_prefix("wasm-opt version ")?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

fn load(dir: &Path) -> Result<Bound> {
    ensure!(
        !dir.join("package.json").exists(),
        "a dependency of frontend wants an npm package at run time; this build does not bundle npm packages"
    );
    let snippets = dir.join("snippets");
    Ok(Bound {
        js: fs::read_to_string(dir.join(format!("{STEM}.js")))?,
        wasm: fs::read(dir.join(format!("{STEM}_bg.wasm")))?,
        snippets: if snippets.is_dir() {
            directory::files_below(&snippets)?
        } else {
            Vec::new()
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_parsed_from_wasm_opts_output() {
        assert_eq!(
            wasm_opt_version("wasm-opt version 132 (version_132)\n"),
            Some(132)
        );
        assert_eq!(wasm_opt_version("wasm-opt version 108\n"), Some(108));
        assert_eq!(wasm_opt_version("something else"), None);
    }
}
