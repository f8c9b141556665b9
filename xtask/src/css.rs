//! The style sheet: one file out of `style/main.css` and what it imports.

use std::{fs, path::Path};

use anyhow::{Context, Result, anyhow};
use lightningcss::{
    bundler::{Bundler, FileProvider},
    printer::PrinterOptions,
    stylesheet::{MinifyOptions, ParserOptions},
    targets::{Browsers, Targets},
};

/// Browsers of about the last two years. All of them know nesting, cascade layers, `oklch()` and
/// `light-dark()`, so these stay as they were written.
const BROWSERS: Browsers = Browsers {
    // The table behind this knows of Android's WebView only the newest version, and would call every
    // other one too old for nesting. It is Chrome's engine, so Chrome speaks for it.
    android: None,
    chrome: version(125, 0),
    edge: version(125, 0),
    firefox: version(128, 0),
    ie: None,
    ios_saf: version(17, 6),
    opera: version(111, 0),
    safari: version(17, 6),
    samsung: version(27, 0),
};

/// As lightningcss counts: one byte each for major, minor and patch.
const fn version(major: u32, minor: u32) -> Option<u32> {
    Some(major << 16 | minor << 8)
}

/// Bundles and minifies. Addresses in `url(…)` stay as written, so they begin with `/`: the sheet
/// is served from `/pkg`, the files beside it in `style/assets` from `/`.
pub(crate) fn bundle(main: &Path) -> Result<String> {
    // Otherwise the message would name only the system's error, not the file.
    fs::metadata(main).with_context(|| format!("could not read {}", main.display()))?;
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler.bundle(main).map_err(|wrong| at(&wrong))?;
    let targets = Targets::from(BROWSERS);
    sheet
        .minify(MinifyOptions {
            targets,
            ..MinifyOptions::default()
        })
        .map_err(|wrong| at(&wrong))?;
    let printer = PrinterOptions {
        minify: true,
        targets,
        ..PrinterOptions::default()
    };
    Ok(sheet.to_css(printer).map_err(|wrong| at(&wrong))?.code)
}

fn at<T: std::fmt::Display>(wrong: &lightningcss::error::Error<T>) -> anyhow::Error {
    match &wrong.loc {
        // lightningcss counts lines from 0, editors from 1.
        Some(loc) => anyhow!(
            "{}:{}:{}: {}",
            loc.filename,
            loc.line + 1,
            loc.column,
            wrong.kind
        ),
        None => anyhow!("the style sheet: {}", wrong.kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(files: &[(&str, &str)]) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(dir.path().join(name), content).unwrap();
        }
        bundle(&dir.path().join("main.css"))
    }

    #[test]
    fn the_order_of_layers_decides_not_the_order_of_imports() {
        let main = "@layer reset, base;
            @import url(\"base.css\") layer(base);
            @import url(\"reset.css\") layer(reset);";
        let css = sheet(&[
            ("main.css", main),
            ("base.css", "p { margin: 1px }"),
            ("reset.css", "p { margin: 0px }"),
        ])
        .unwrap();
        // Whoever is named first has the least to say, whatever comes first in the file.
        assert!(css.starts_with("@layer reset"), "{css}");
        assert!(css.contains("@layer base{p{margin:1px}}"), "{css}");
        assert!(css.contains("@layer reset{p{margin:0}}"), "{css}");
    }

    #[test]
    fn modern_css_is_kept_as_written() {
        let main = ":root { color-scheme: light dark; --ink: light-dark(oklch(20% 0 0), oklch(90% 0 0)) }
            a { color: light-dark(oklch(40% .2 250), oklch(80% .1 250)); &:hover { inset-inline: 1px } }";
        let css = sheet(&[("main.css", main)]).unwrap();
        assert_eq!(css.matches("light-dark(").count(), 2, "{css}");
        assert_eq!(css.matches("oklch(").count(), 4, "{css}");
        assert!(css.contains("&:hover{inset-inline:1px}"), "{css}");
        assert!(
            !css.contains('#') && !css.contains("--lightningcss"),
            "{css}"
        );
    }

    #[test]
    fn a_syntax_error_is_reported_with_its_place() {
        let wrong = sheet(&[("main.css", "p { margin: 0 }\n}")])
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("main.css:2:"), "{wrong}");
    }

    #[test]
    fn a_missing_import_is_reported() {
        let wrong = sheet(&[("main.css", "@import \"gone.css\";")])
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("main.css:1:"), "{wrong}");
    }
}
