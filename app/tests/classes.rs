//! The style sheets and the components name the same classes.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of all files below a directory that have one of these extensions.
fn read_all(directory: &Path, extensions: &[&str]) -> io::Result<String> {
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
fn classes_of_styles(css: &str) -> BTreeSet<String> {
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

/// The classes in string literals that hold nothing else, such as `"button button-primary"`.
fn classes_in_literals(source: &str, styles: &BTreeSet<String>) -> BTreeSet<String> {
    let literals = source.split(['"', '\'']).map(|literal| {
        let words = literal.split_whitespace();
        words.filter(|word| !word.starts_with('{'))
    });
    literals
        .filter(|words| words.clone().all(|word| styles.contains(word)))
        .flatten()
        .map(str::to_owned)
        .collect()
}

/// The classes in `class="…"` attributes.
fn classes_of_components(source: &str) -> BTreeSet<String> {
    let attributes = source
        .split("class=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'));
    attributes
        .flat_map(|(classes, _)| classes.split_whitespace())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_class_of_the_styles_is_used_and_every_used_class_has_a_style() -> io::Result<()> {
    let styles = classes_of_styles(&read_all(&workspace().join("style"), &["css"])?);
    let source = read_all(&workspace().join("app/src"), &["rs", "js"])?
        + &read_all(&workspace().join("server/templates"), &["html"])?;
    let literals = classes_in_literals(&source, &styles);
    let unused: Vec<_> = styles.difference(&literals).collect();
    assert_eq!(unused, [""; 0], "classes that no component uses");
    let used = classes_of_components(&source);
    let unstyled: Vec<_> = used.difference(&styles).collect();
    assert_eq!(unstyled, [""; 0], "classes without a style");
    Ok(())
}
