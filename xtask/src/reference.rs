//! The generated parts of `docs`: between `<!-- generated: NAME -->` and `<!-- end -->` stands what the program itself
//! says of its settings, commands, audit events, error codes, and what it prints for each proxy.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Error, Result, bail};
use serde_json::Value;

use crate::{build, process, profile::Profile, workspace::Workspace};

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

/// Writes the generated parts anew.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    for (path, _, wanted) in pages(workspace)? {
        fs::write(&path, wanted)?;
        println!("  wrote {}", path.display());
    }
    Ok(())
}

/// Fails if a generated part is not what the program says now.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let stale: Vec<_> = pages(workspace)?
        .into_iter()
        .filter(|(_, now, wanted)| now != wanted)
        .map(|(path, ..)| path.display().to_string())
        .collect();
    if !stale.is_empty() {
        bail!(
            "out of date: {}. `cargo xtask reference` writes them anew",
            stale.join(", ")
        );
    }
    Ok(())
}

/// The pages with generated parts: path, text now, text wanted.
fn pages(workspace: &Workspace) -> Result<Vec<(PathBuf, String, String)>> {
    let program = Program::new(workspace)?;
    let mut pages = Vec::new();
    for dir in ["docs/reference", "docs/proxies"] {
        for entry in fs::read_dir(workspace.root().join(dir))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let now = fs::read_to_string(&path)?;
                let wanted = filled(&now, |name| program.part(name))
                    .with_context(|| path.display().to_string())?;
                pages.push((path, now, wanted));
            }
        }
    }
    Ok(pages)
}

/// The text with each generated part replaced.
fn filled(text: &str, part: impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->").context("an unfinished marker")?;
        let (_, after) = after
            .split_once(END)
            .with_context(|| format!("no `{END}` after `{name}`"))?;
        let part = part(name)?;
        filled += &format!("{before}{BEGIN}{name} -->\n\n{}\n\n{END}", part.trim_end());
        rest = after;
    }
    Ok(filled + rest)
}

/// Latchkey, with a data directory of its own in which a service `photos` is registered.
struct Program {
    binary: PathBuf,
    data: tempfile::TempDir,
}

impl Program {
    fn new(workspace: &Workspace) -> Result<Self> {
        let program = Self {
            binary: build::build(workspace, Profile::Dev)?.binary,
            data: tempfile::tempdir()?,
        };
        program.says(&["service", "add", "photos", "--host", "photos.example.com"])?;
        Ok(program)
    }

    fn says(&self, args: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.binary);
        process::forget_settings(&mut command);
        command
            .args(args)
            .current_dir(self.data.path())
            .env("LATCHKEY_PUBLIC_URL", "https://login.example.com");
        process::output(&mut command)
    }

    fn json(&self, args: &[&str]) -> Result<Value> {
        Ok(serde_json::from_str(&self.says(args)?)?)
    }

    fn part(&self, name: &str) -> Result<String> {
        let listed = |list: &str| Ok::<_, Error>(self.json(&["reference"])?[list].clone());
        Ok(match name {
            "settings" => self.settings("")?,
            "identity headers" => self.settings("identity.")?,
            "commands" => self.commands(&[])?,
            "events" => table(["action", "meaning"], &listed("events")?),
            "errors" => table(["status", "code", "meaning"], &listed("errors")?),
            proxy => {
                let text = self.says(&["proxy", "snippet", "photos", "--for", proxy])?;
                format!("```{}\n{}\n```", language(proxy), text.trim_end())
            }
        })
    }

    /// The settings whose names begin like this.
    fn settings(&self, prefix: &str) -> Result<String> {
        let said = self.json(&["config", "help", "--json"])?;
        let mut items = said["items"].clone();
        if let Some(items) = items.as_array_mut() {
            items.retain(|item| {
                item["key"]
                    .as_str()
                    .is_some_and(|key| key.starts_with(prefix))
            });
        }
        Ok(table(["key", "variable", "default", "help"], &items))
    }

    /// `--help` of a command and of those below it.
    fn commands(&self, path: &[&str]) -> Result<String> {
        let help = self.says(&[path, &["--help"]].concat())?;
        let heading = ["latchkey"].iter().chain(path).copied().collect::<Vec<_>>();
        let mut text = format!(
            "{} {}\n\n```text\n{}\n```\n\n",
            "#".repeat(path.len() + 2),
            heading.join(" "),
            help.trim_end()
        );
        for below in subcommands(&help) {
            text += &self.commands(&[path, &[below]].concat())?;
        }
        Ok(text)
    }
}

/// The names in the part `Commands:` of clap's help.
fn subcommands(help: &str) -> Vec<&str> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split_once(' '))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && *name != "help")
        .collect()
}

/// A Markdown table of the objects' fields.
fn table<const N: usize>(columns: [&str; N], items: &Value) -> String {
    let mut text = format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(N));
    for item in items.as_array().into_iter().flatten() {
        let cells = columns.map(|column| match &item[column] {
            Value::String(cell) if cell.is_empty() => String::new(),
            Value::String(cell) if matches!(column, "help" | "meaning") => cell.clone(),
            Value::String(cell) => format!("`{cell}`"),
            other => other.to_string(),
        });
        text += &format!("| {} |\n", cells.join(" | "));
    }
    text
}

/// The language of a code block.
fn language(proxy: &str) -> &str {
    match proxy {
        "nginx" => "nginx",
        "traefik" | "envoy" => "yaml",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_parts_are_replaced_and_the_rest_stays() {
        let text = "a\n<!-- generated: x y -->\nold\n<!-- end -->\nb\n";
        let new = filled(text, |name| Ok(format!("new {name}\n"))).unwrap();
        assert_eq!(
            new,
            "a\n<!-- generated: x y -->\n\nnew x y\n\n<!-- end -->\nb\n"
        );
        assert_eq!(filled(&new, |_| Ok("new x y".to_owned())).unwrap(), new);
        assert!(filled("<!-- generated: x -->", |_| Ok(String::new())).is_err());
    }

    #[test]
    fn subcommands_are_parsed_from_the_help() {
        let help = "Usage: x\n\nCommands:\n  add   Add one\n  list  List\n        more of it\n  help  Print\n\nOptions:\n  -h\n";
        assert_eq!(subcommands(help), ["add", "list"]);
    }
}
