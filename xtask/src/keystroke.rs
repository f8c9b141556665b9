//! How often the matchers of `domain/src/risk/behaviour` take one person for another, measured on recorded or generated typists.
//!
//! 1. Read a file of samples ([`data`]), or generate typists ([`generator`]).
//! 2. Split each person's samples in time: the earlier ones enrol, the later ones are genuine; others' first ones are impostors
//!    ([`protocol`]).
//! 3. Score all of them with each matcher ([`matcher`]), and find the rate at which false rejects and false accepts are equal
//!    ([`rate`]), per person.

mod data;
mod generator;
mod matcher;
mod protocol;
mod rate;

use std::{fmt::Write as _, path::Path, process::ExitCode};

use anyhow::{Result, bail};

use self::{
    data::Recording,
    matcher::Matcher,
    protocol::Split,
    rate::{Rates, Summary},
};

/// With how many samples people enrol; `None` is all they have.
const ENROLMENTS: [(&str, Option<usize>); 4] = [
    ("5", Some(5)),
    ("10", Some(10)),
    ("20", Some(20)),
    ("all", None),
];

/// The generated typists that CI measures.
const SEED: u64 = 1;

/// The most that the fused likelihood may err on generated typists, with ten samples.
const BOUND: f64 = 0.06;

/// Measures the file, or generated typists, prints the result, and fails if generated typists exceed their bound.
pub(crate) fn bench(file: Option<&Path>, seed: Option<u64>, is_json: bool) -> Result<ExitCode> {
    let recording = match file {
        Some(file) => Recording::read(file)?,
        None => generator::typists(seed.unwrap_or(SEED), &generator::Parameters::CI),
    };
    let results = measure(&recording)?;
    match is_json {
        true => println!("{}", to_json(&results)),
        false => print!(
            "{}\n{}",
            to_text(&recording, &results),
            even_odds(&recording)?
        ),
    }
    if file.is_none() {
        check(&results)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One matcher's error rates, by [`ENROLMENTS`].
#[derive(Debug)]
struct Measured {
    matcher: Matcher,
    by_enrolment: Vec<Option<Summary>>,
}

fn measure(recording: &Recording) -> Result<Vec<Measured>> {
    let people = protocol::split(recording)?;
    let matchers = Matcher::for_recording(recording);
    let measured = matchers.into_iter().map(|matcher| Measured {
        matcher,
        by_enrolment: ENROLMENTS
            .iter()
            .map(|(_, samples)| summary(&people, matcher, *samples))
            .collect(),
    });
    Ok(measured.collect())
}

/// `None` if nobody has so many samples.
fn summary(people: &[Split<'_>], matcher: Matcher, samples: Option<usize>) -> Option<Summary> {
    let rates: Rates = people
        .iter()
        .filter_map(|person| protocol::error_rate(person, people, matcher, samples))
        .collect();
    rates.summary()
}

/// The errors of the fused likelihood at the threshold that the product has.
fn even_odds(recording: &Recording) -> Result<String> {
    let people = protocol::split(recording)?;
    let mut text =
        "Fused, one threshold for all at even odds: false rejects, false accepts\n".to_owned();
    for (name, samples) in ENROLMENTS {
        let Some(samples) = samples else { continue };
        let errors = people
            .iter()
            .filter_map(|person| protocol::errors_at_even_odds(person, &people, samples));
        let (rejects, accepts): (Vec<_>, Vec<_>) = errors.unzip();
        let mean = |errors: Vec<f64>| errors.into_iter().collect::<Rates>().summary();
        if let (Some(rejects), Some(accepts)) = (mean(rejects), mean(accepts)) {
            let _ = writeln!(
                text,
                "{name:>3} samples: {:.3}, {:.3}",
                rejects.mean, accepts.mean
            );
        }
    }
    Ok(text)
}

fn check(results: &[Measured]) -> Result<()> {
    let fused = results
        .iter()
        .find(|measured| measured.matcher == Matcher::Fused);
    let ten = fused.and_then(|measured| measured.by_enrolment.get(1).copied().flatten());
    match ten {
        Some(summary) if summary.mean <= BOUND => Ok(()),
        Some(summary) => bail!(
            "on generated typists, the fused likelihood errs at {:.3} with 10 samples, above {BOUND}",
            summary.mean
        ),
        None => bail!("no generated typist has 10 samples"),
    }
}

/// Written by hand, because a map of serde_json would not keep the order. `spread` is the standard deviation over people; `null` means that
/// nobody has so many samples.
fn to_json(results: &[Measured]) -> String {
    let by_enrolment = |measured: &Measured, field: fn(&Summary) -> f64| {
        let cells = ENROLMENTS.iter().zip(&measured.by_enrolment);
        let cells = cells.map(|((name, _), summary)| match summary {
            Some(summary) => format!("\"{name}\":{:.4}", field(summary)),
            None => format!("\"{name}\":null"),
        });
        cells.collect::<Vec<_>>().join(",")
    };
    let matchers = results.iter().map(|measured| {
        format!(
            "{{\"name\":\"{}\",\"eer\":{{{}}},\"spread\":{{{}}}}}",
            measured.matcher.name(),
            by_enrolment(measured, |summary| summary.mean),
            by_enrolment(measured, |summary| summary.deviation)
        )
    });
    let matchers = matchers.collect::<Vec<_>>().join(",");
    format!("{{\"matchers\":[{matchers}]}}")
}

fn to_text(recording: &Recording, results: &[Measured]) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{recording}");
    let _ = writeln!(text, "{}", protocol::rule(recording));
    let _ = writeln!(
        text,
        "\nEqual error rate: mean over people ± standard deviation (worst person)\n"
    );
    let _ = write!(text, "{:<26}", "samples at enrolment");
    for (name, _) in ENROLMENTS {
        let _ = write!(text, " {name:<22}");
    }
    text.push('\n');
    for measured in results {
        let _ = write!(text, "{:<26}", measured.matcher.name());
        for summary in &measured.by_enrolment {
            let cell = summary.map_or_else(|| "-".to_owned(), |summary| summary.to_string());
            let _ = write!(text, " {cell:<22}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_typists_are_told_apart_within_the_bound() {
        let recording = generator::typists(SEED, &generator::Parameters::QUICK);
        let results = measure(&recording).unwrap();
        check(&results).unwrap();
        // It is not a bound that anything would keep: the published matcher exceeds it.
        let published = results.first().unwrap();
        assert_eq!(published.matcher, Matcher::ScaledManhattan);
        let fused = results.last().unwrap().by_enrolment[1].unwrap();
        assert!(fused.mean < published.by_enrolment[1].unwrap().mean);
    }

    #[test]
    fn typists_who_do_not_differ_are_not_told_apart() {
        let same = generator::Parameters {
            between: 0.0,
            ..generator::Parameters::QUICK
        };
        let results = measure(&generator::typists(SEED, &same)).unwrap();
        for measured in &results {
            let ten = measured.by_enrolment[1].unwrap();
            assert!((0.35..0.65).contains(&ten.mean), "{measured:?}");
        }
    }

    #[test]
    fn the_json_is_one_line_with_all_enrolments() {
        let recording = generator::typists(SEED, &generator::Parameters::QUICK);
        let json = to_json(&measure(&recording).unwrap());
        assert!(!json.contains('\n'));
        assert!(json.starts_with(r#"{"matchers":[{"name":"scaled-manhattan","eer":{"5":0."#));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        for matcher in json["matchers"].as_array().unwrap() {
            for (name, _) in ENROLMENTS {
                assert!(matcher["eer"][name].is_f64(), "{matcher}");
            }
        }
    }
}
