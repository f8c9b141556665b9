//! Whether the numbers in the names of tests are those of SECURITY.md: each is explained there, and each there has a test; and whether
//! the tests that documents name are run.

#[cfg(test)]
pub(crate) mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    /// The prefixes of names, and the heading of the table that explains their numbers.
    const TABLES: [(&str, &str); 4] = [
        ("audit_", "`audit_N_…`"),
        ("field_", "`field_N_…`"),
        ("must_survive_", "`must_survive_N_…`"),
        ("r", "`rN_…`"),
    ];

    fn sources(dir: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if !matches!(name, "target" | "node_modules" | ".git") {
                    sources(&path, found);
                }
            } else if name.ends_with(".rs") || name.ends_with(".spec.ts") {
                found.push(fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// The numbers at the start of a name: `must_survive_4_audit_2_…` carries one of each of two kinds.
    fn numbers(name: &str, found: &mut BTreeSet<(&'static str, u32)>) {
        let mut rest = name;
        while let Some((prefix, number, after)) = TABLES.iter().find_map(|(prefix, _)| {
            let digits = rest.strip_prefix(prefix)?;
            let end = digits.find(|c: char| !c.is_ascii_digit())?;
            Some((*prefix, digits[..end].parse().ok()?, &digits[end..]))
        }) {
            found.insert((prefix, number));
            rest = after.strip_prefix('_').unwrap_or_default();
        }
    }

    /// The numbers that a table's first column explains; `35–41` explains seven.
    fn explained(text: &str, heading: &str) -> BTreeSet<u32> {
        let (_, table) = text.split_once(heading).unwrap();
        table
            .lines()
            .skip(1)
            .take_while(|line| !line.starts_with('#'))
            .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
            .filter_map(|cell| {
                let (first, last) = cell.split_once('–').unwrap_or((cell, cell));
                Some(first.parse().ok()?..=last.parse().ok()?)
            })
            .flatten()
            .collect()
    }

    /// The numbers that the names of tests carry.
    fn carried(root: &Path) -> BTreeSet<(&'static str, u32)> {
        let mut texts = Vec::new();
        sources(root, &mut texts);
        let mut carried = BTreeSet::new();
        for text in &texts {
            for part in text.split("fn ").chain(text.split(['\'', '`'])) {
                numbers(part, &mut carried);
            }
        }
        assert!(carried.len() > 40, "the names were not found: {carried:?}");
        carried
    }

    #[test]
    fn each_number_in_a_tests_name_is_in_security_md_and_each_number_there_has_a_test() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let security = fs::read_to_string(root.join("SECURITY.md")).unwrap();
        let carried = carried(root);
        for (prefix, heading) in TABLES {
            let explained = explained(&security, heading);
            let tested: BTreeSet<_> = carried
                .iter()
                .filter(|(kind, _)| *kind == prefix)
                .map(|(_, number)| *number)
                .collect();
            let unexplained: Vec<_> = tested.difference(&explained).collect();
            assert!(
                unexplained.is_empty(),
                "not explained: {prefix} {unexplained:?}"
            );
            let untested: Vec<_> = explained.difference(&tested).collect();
            assert!(untested.is_empty(), "without a test: {prefix} {untested:?}");
        }
    }

    /// The names of the functions of a file that are run as tests: with the attribute, and not ignored.
    fn run_as_tests(text: &str) -> impl Iterator<Item = &str> {
        let (mut is_test, mut is_ignored) = (false, false);
        text.lines().filter_map(move |line| {
            let line = line.trim_start();
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            is_ignored |= line.starts_with("#[ignore");
            let (_, name) = line
                .split_once("fn ")
                .filter(|(before, _)| ["", "async ", "pub ", "pub async "].contains(before))?;
            let counts = is_test && !is_ignored;
            (is_test, is_ignored) = (false, false);
            name.split(['(', '<']).next().filter(|_| counts)
        })
    }

    /// The names of all tests that are run.
    pub(crate) fn all(root: &Path) -> BTreeSet<String> {
        let mut texts = Vec::new();
        sources(root, &mut texts);
        let mut names = BTreeSet::new();
        for text in &texts {
            names.extend(run_as_tests(text).map(str::to_owned));
            // What this macro lists is run once with each store (`engine/tests/it/one_time_store.rs`).
            if let Some((_, listed)) = text.split_once("\non_each_store! {") {
                let listed = listed.split('}').next().unwrap_or_default();
                names.extend(listed.split_whitespace().map(str::to_owned));
            }
            for (call, quote) in [("test('", '\''), ("test(`", '`')] {
                let titles = text.split(call).skip(1);
                names
                    .extend(titles.filter_map(|title| Some(title.split(quote).next()?.to_owned())));
            }
        }
        names
    }

    /// Whether a document's word in backticks names tests, by the numbers that their names begin with.
    fn names_tests(word: &str) -> bool {
        ["audit_", "field_", "must_survive_", "rfc", "r"]
            .iter()
            .any(|prefix| {
                word.strip_prefix(prefix).is_some_and(|rest| {
                    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                    rest.len() < word.len() - prefix.len() && rest.starts_with('_')
                })
            })
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '…')
    }

    #[test]
    fn each_test_that_a_document_names_is_run() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let tests = all(root);
        let documents = fs::read_dir(root.join("docs")).unwrap();
        let mut documents: Vec<_> = documents.map(|entry| entry.unwrap().path()).collect();
        documents.push(root.join("SECURITY.md"));
        let mut missing = BTreeSet::new();
        for document in documents
            .iter()
            .filter(|path| path.extension().is_some_and(|ext| ext == "md"))
        {
            let text = fs::read_to_string(document).unwrap();
            for word in text.split('`').filter(|word| names_tests(word)) {
                let is_run = match word
                    .strip_suffix('…')
                    .or(word.ends_with('_').then_some(word))
                {
                    Some(start) => tests.iter().any(|name| name.starts_with(start)),
                    None => tests.contains(word),
                };
                if !is_run {
                    missing.insert(format!("{}: {word}", document.display()));
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn functions_without_the_attribute_and_ignored_tests_are_not_run() {
        let text = "#[test]\nfn a() {}\nfn b() {}\n#[tokio::test]\n#[ignore = \"slow\"]\nasync fn c() {}\n\
                    #[tokio::test(flavor = \"multi_thread\")]\nasync fn d() {\n    let fnord = 1;\n}\n";
        assert_eq!(run_as_tests(text).collect::<Vec<_>>(), ["a", "d"]);
    }
}
