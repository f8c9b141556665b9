//! Who enrols with what, and who tries to sign in as whom.

use anyhow::{Result, ensure};

use super::{
    data::{Person, Recording, Sample},
    matcher::Matcher,
    rate,
};

/// With this many sessions, people enrol in the first half of them; otherwise with the first two thirds of their samples.
const SESSIONS: i64 = 4;

/// Impostors have not practised: only so much of their first session counts.
const FIRST_REPETITIONS: i64 = 20;

/// Without sessions: so many of their first samples.
const FIRST_SAMPLES: usize = 5;

/// The samples of a person by what they are used for, in the order of their recording.
#[derive(Debug)]
pub(super) struct Split<'a> {
    name: &'a str,
    enrolment: &'a [Sample],
    genuine: &'a [Sample],
    /// Against others.
    impostor: Vec<&'a Sample>,
}

/// How the recording is split, as a sentence.
pub(super) fn rule(recording: &Recording) -> String {
    match last_session(recording) {
        last if last > SESSIONS => format!(
            "Enrolment: the last samples of sessions 1 to {}; genuine: later sessions; impostors: the first {FIRST_REPETITIONS} \
             repetitions of everybody else's first session",
            last / 2
        ),
        _ => format!(
            "Enrolment: the last samples of the first two thirds; genuine: the last third; impostors: everybody else's first {FIRST_SAMPLES}"
        ),
    }
}

/// Splits everyone's samples.
pub(super) fn split(recording: &Recording) -> Result<Vec<Split<'_>>> {
    ensure!(
        recording.people.len() >= 2,
        "there is one person only, so there are no impostors"
    );
    let last = last_session(recording);
    let splits: Vec<_> = recording
        .people
        .iter()
        .map(|person| split_person(person, last))
        .collect();
    for split in &splits {
        ensure!(
            !split.enrolment.is_empty() && !split.genuine.is_empty(),
            "person {} has too few samples: {} to enrol and {} to compare",
            split.name,
            split.enrolment.len(),
            split.genuine.len()
        );
    }
    Ok(splits)
}

/// The error rate of one person; `None` with fewer samples than that to enrol, or if nothing is left to compare.
pub(super) fn error_rate(
    person: &Split<'_>,
    people: &[Split<'_>],
    matcher: Matcher,
    samples: Option<usize>,
) -> Option<f64> {
    let wanted = samples.unwrap_or(person.enrolment.len());
    let start = person.enrolment.len().checked_sub(wanted)?;
    let fitted = matcher.fit(person.enrolment.get(start..)?)?;
    let genuine: Vec<f64> = person
        .genuine
        .iter()
        .filter_map(|sample| fitted.distance(sample))
        .collect();
    let others = people.iter().filter(|other| other.name != person.name);
    let impostors: Vec<f64> = others
        .flat_map(|other| &other.impostor)
        .filter_map(|sample| fitted.distance(sample))
        .collect();
    rate::equal_error_rate(&genuine, &impostors)
}

/// False rejects and false accepts of one person by the fused likelihood, if everyone is accepted whose sample is more likely the user's
/// than somebody else's: one threshold for all, chosen in advance.
pub(super) fn errors_at_even_odds(
    person: &Split<'_>,
    people: &[Split<'_>],
    samples: usize,
) -> Option<(f64, f64)> {
    let start = person.enrolment.len().checked_sub(samples)?;
    let fitted = Matcher::Fused.fit(person.enrolment.get(start..)?)?;
    let accepted = |samples: Vec<&Sample>| {
        let accepted = samples
            .iter()
            .filter(|sample| fitted.is_accepted(sample))
            .count();
        (!samples.is_empty()).then(|| accepted as f64 / samples.len() as f64)
    };
    let others = people.iter().filter(|other| other.name != person.name);
    let impostors = others.flat_map(|other| other.impostor.iter().copied());
    let genuine = accepted(person.genuine.iter().collect())?;
    Some((1.0 - genuine, accepted(impostors.collect())?))
}

fn last_session(recording: &Recording) -> i64 {
    let samples = recording.people.iter().flat_map(|person| &person.samples);
    samples.map(|sample| sample.session).max().unwrap_or(0)
}

fn split_person(person: &Person, last: i64) -> Split<'_> {
    let samples = &person.samples[..];
    let (enrolled, impostor): (_, Vec<_>) = if last > SESSIONS {
        let first = samples.first().map_or(0, |sample| sample.session);
        let is_early =
            |sample: &&Sample| sample.session == first && sample.repetition <= FIRST_REPETITIONS;
        let enrolled = samples.partition_point(|sample| sample.session <= last / 2);
        (enrolled, samples.iter().filter(is_early).collect())
    } else {
        // 34 of 51.
        let enrolled = samples.len() * 2 / 3;
        (enrolled, samples.iter().take(FIRST_SAMPLES).collect())
    };
    let (enrolment, genuine) = samples.split_at(enrolled);
    Split {
        name: &person.name,
        enrolment,
        genuine,
        impostor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, samples: impl Iterator<Item = (i64, i64)>) -> Person {
        let sample = |(session, repetition)| Sample {
            session,
            repetition,
            holds: vec![90.0, 90.0],
            presses: vec![200.0],
            touch: Vec::new(),
        };
        Person {
            name: name.to_owned(),
            samples: samples.map(sample).collect(),
        }
    }

    #[test]
    fn eight_sessions_are_split_in_the_middle() {
        let samples = (1..=8).flat_map(|session| (1..=50).map(move |rep| (session, rep)));
        let person = person("a", samples);
        let split = split_person(&person, 8);
        assert_eq!((split.enrolment.len(), split.genuine.len()), (200, 200));
        assert_eq!(split.impostor.len(), 20);
    }

    #[test]
    fn three_sessions_of_seventeen_are_split_after_the_second() {
        let samples = (1..=3).flat_map(|session| (1..=17).map(move |rep| (session, rep)));
        let person = person("a", samples);
        let split = split_person(&person, 3);
        assert_eq!((split.enrolment.len(), split.genuine.len()), (34, 17));
        assert_eq!(split.impostor.len(), 5);
    }

    #[test]
    fn one_person_is_refused() {
        let people = vec![person("a", (1..=51).map(|rep| (1, rep)))];
        let recording = Recording::generated(people, 2, "test".to_owned());
        assert!(split(&recording).is_err());
    }
}
