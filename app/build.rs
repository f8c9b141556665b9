//! Generates a constant or a function for each message in `messages/en.ftl`: an unknown key, a missing argument and an
//! unused message are errors of the compiler. The other files in `messages` are translations; each message in them
//! must exist in English, with the same arguments.

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource},
    parser,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The arguments of each message, by its key.
type Catalogue = BTreeMap<String, BTreeSet<String>>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=messages");
    // The browser gets its texts from the server.
    if env::var_os("CARGO_FEATURE_SSR").is_none() {
        return Ok(());
    }
    let directory =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?)
            .join("messages");
    let english = read(&directory.join("en.ftl"))?;
    let mut languages = vec!["en".to_owned()];
    for entry in fs::read_dir(&directory)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if name == "en" {
            continue;
        }
        for (key, arguments) in read(&path)? {
            if english.get(&key) != Some(&arguments) {
                let path = path.display();
                return Err(
                    format!("{path}: {key} is not in en.ftl, or has other arguments").into(),
                );
            }
        }
        languages.push(name.into_owned());
    }
    languages[1..].sort_unstable();
    let out = env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("languages.rs"), list(&directory, &languages)?)?;
    fs::write(out.join("messages.rs"), generate(&english)?)?;
    Ok(())
}

fn read(path: &Path) -> Result<Catalogue, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let resource: Resource<&str> = parser::parse(text.as_str())
        .map_err(|(_, errors)| format!("{}: {errors:?}", path.display()))?;
    let mut catalogue = Catalogue::new();
    for entry in resource.body {
        if let Entry::Message(message) = entry {
            let key = message.id.name.to_owned();
            let mut arguments = BTreeSet::new();
            let pattern = message.value.ok_or_else(|| format!("{key} has no text"))?;
            collect(&pattern, &mut arguments);
            if catalogue.insert(key.clone(), arguments).is_some() {
                return Err(format!("{}: {key} is there twice", path.display()).into());
            }
        }
    }
    Ok(catalogue)
}

fn collect(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            match expression {
                Expression::Inline(inline) => collect_inline(inline, arguments),
                Expression::Select { selector, variants } => {
                    collect_inline(selector, arguments);
                    for variant in variants {
                        collect(&variant.value, arguments);
                    }
                }
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    if let InlineExpression::VariableReference { id } = inline {
        arguments.insert(id.name.to_owned());
    }
}

fn list(directory: &Path, languages: &[String]) -> Result<String, Box<dyn Error>> {
    let mut source =
        "/// Tags and messages of the languages.\npub(super) const LANGUAGES: &[(&str, &str)] = &[\n"
            .to_owned();
    for language in languages {
        let file = directory.join(format!("{language}.ftl"));
        writeln!(source, "    ({language:?}, include_str!({file:?})),")?;
    }
    Ok(source + "];\n")
}

fn generate(english: &Catalogue) -> Result<String, Box<dyn Error>> {
    let mut source = "/// The messages in `messages/en.ftl`.\npub(crate) mod m {\n    use super::{Argument, Key, Message};\n\n".to_owned();
    for (key, arguments) in english {
        let name = key.replace('-', "_");
        if arguments.is_empty() {
            let name = name.to_uppercase();
            writeln!(source, "    pub(crate) const {name}: Key = Key({key:?});")?;
            continue;
        }
        let parameters: Vec<_> = arguments
            .iter()
            .map(|argument| format!("{argument}: impl Into<Argument>"))
            .collect();
        let values: Vec<_> = arguments
            .iter()
            .map(|argument| format!("({argument:?}, {argument}.into())"))
            .collect();
        writeln!(
            source,
            "    pub(crate) fn {name}({}) -> Message {{\n        Message {{ key: Key({key:?}), arguments: vec![{}] }}\n    }}",
            parameters.join(", "),
            values.join(", ")
        )?;
    }
    source += "}\n";
    Ok(source)
}
