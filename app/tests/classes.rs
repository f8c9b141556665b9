//! The style sheets and the components name the same classes.

mod workspace;

use std::{collections::BTreeSet, io};
use workspace::{classes_of_styles, read_all, workspace};

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
