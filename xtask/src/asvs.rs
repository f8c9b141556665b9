//! Whether `docs/asvs.md` has each requirement of `docs/asvs.csv`, and whether the proofs that it names exist.

#[cfg(test)]
mod tests {
    use crate::test_names;
    use std::{collections::BTreeSet, fs, path::Path};

    /// A line of a table: requirement, level and summary, then status and proofs.
    struct Line<'a> {
        requirement: [&'a str; 3],
        status: &'a str,
        proofs: Vec<&'a str>,
    }

    fn line(text: &str) -> Option<Line<'_>> {
        let cells: Vec<_> = text.strip_prefix("| ")?.split('|').map(str::trim).collect();
        let [requirement, level, summary, status, proofs, ""] = cells[..] else {
            return None;
        };
        requirement
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| Line {
                requirement: [requirement, level, summary],
                status,
                // Every second part is between backticks.
                proofs: proofs.split('`').skip(1).step_by(2).collect(),
            })
    }

    /// A line of the file, whose summary may be quoted.
    fn requirement(line: &str) -> Option<[&str; 3]> {
        let (requirement, rest) = line.split_once(',')?;
        let (level, summary) = rest.split_once(',')?;
        Some([requirement, level, summary.trim_matches('"')])
    }

    /// The anchor of a heading, as in addresses of its document.
    fn anchor(heading: &str) -> String {
        let letters = heading.trim_start_matches('#').trim().chars();
        letters
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| {
                if c == ' ' {
                    '-'
                } else {
                    c.to_ascii_lowercase()
                }
            })
            .collect()
    }

    fn has_document(root: &Path, proof: &str) -> bool {
        let (file, section) = proof.split_once('#').unwrap_or((proof, ""));
        fs::read_to_string(root.join(file)).is_ok_and(|text| {
            section.is_empty()
                || text
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .any(|heading| anchor(heading) == section)
        })
    }

    #[test]
    fn each_requirement_has_a_status_and_each_proof_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let csv = fs::read_to_string(root.join("docs/asvs.csv")).unwrap();
        let expected: BTreeSet<_> = csv.lines().skip(1).filter_map(requirement).collect();
        assert_eq!(expected.len(), 194);
        let table = fs::read_to_string(root.join("docs/asvs.md")).unwrap();
        let lines: Vec<_> = table.lines().filter_map(line).collect();
        let listed: BTreeSet<_> = lines.iter().map(|line| line.requirement).collect();
        assert_eq!(listed, expected);
        assert_eq!(lines.len(), listed.len(), "a requirement is listed twice");

        let tests = test_names::tests::all(root);
        let mut wrong = Vec::new();
        for Line {
            requirement: [requirement, ..],
            status,
            proofs,
        } in lines
        {
            let (word, reason) = status.split_once(": ").unwrap_or((status, ""));
            let is_complete = match word {
                "met" => reason.is_empty() && !proofs.is_empty(),
                "partly" => !reason.is_empty() && !proofs.is_empty(),
                "planned" | "not applicable" => !reason.is_empty(),
                _ => false,
            };
            if !is_complete {
                wrong.push(format!("{requirement}: {status}"));
            }
            for proof in proofs {
                let exists = match proof.contains(".md") {
                    true => has_document(root, proof),
                    false => tests.contains(proof),
                };
                if !exists {
                    wrong.push(format!("{requirement}: there is no {proof}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
