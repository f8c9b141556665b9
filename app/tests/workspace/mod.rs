//! Files of the workspace, for the tests that read them.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of all files below a directory that have one of these extensions.
pub(crate) fn read_all(directory: &Path, extensions: &[&str]) -> io::Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            text += &read_all(&path, extensions)?;
        } else if extension.is_some_and(|extension| extensions.contains(&extension)) {
            text += &fs::read_to_string(&path)?;
        }
    }
    Ok(text)
}

fn is_class_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

/// The classes in the selectors of a style sheet.
pub(crate) fn classes_of_styles(css: &str) -> BTreeSet<String> {
    let without_comments: String = css
        .split("/*")
        .map(|part| part.split_once("*/").map_or(part, |(_, rest)| rest))
        .collect();
    // Names of imported files are in quotes.
    let without_strings = without_comments.split('"').step_by(2);
    without_strings
        .flat_map(|part| part.split('.').skip(1))
        .map(|rest| rest.chars().take_while(|c| is_class_letter(*c)).collect())
        .filter(|class: &String| class.starts_with(|c: char| c.is_ascii_alphabetic()))
        .collect()
}
