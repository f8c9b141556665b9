//! Whether the numbers in the names of tests are those of SECURITY.md: each is explained there, and each there has a test.

#[cfg(test)]
mod tests {
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
}
