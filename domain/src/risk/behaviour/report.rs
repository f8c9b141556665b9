//! What a page sends of a behaviour: one line of numbers, which is read only when it may be used.
//!
//! ```text
//! email h92,110,88 p190,164;code h…;pointer s… c… r…;touch z… t…
//! ```
//!
//! Groups of a field, separated by `;`. Each has a letter for its kind and whole or decimal numbers in the kind's unit. A line that is not
//! entirely valid is no line: nobody knows what a page meant that sends half of one.

use super::{
    feature::Kind,
    sample::{BehaviourSample, MAX_VALUES, Measurement},
};
use std::fmt;
use strum::{EnumIter, EnumString, IntoStaticStr};

/// Longer lines are not kept: an address of 48 keys with everything else takes half.
const MAX_LENGTH: usize = 2048;

/// The keys of a code.
const CODE_KEYS: usize = 6;

/// What was measured. Samples of one field are compared with each other alone. The names are stored.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, EnumString, IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// The keys of the e-mail address.
    Email,
    /// The keys of a code of six digits, which are others each time.
    Code,
    /// How a mouse moved over the page.
    Pointer,
    /// How a screen was touched.
    Touch,
}

impl Field {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Its kinds, by letter, with how many values each has; `None` for as many as there are keys.
    const fn groups(self) -> &'static [(char, Kind, Option<usize>)] {
        match self {
            Self::Email => &[('h', Kind::Hold, None), ('p', Kind::PressToPress, None)],
            Self::Code => &[
                ('h', Kind::Hold, Some(CODE_KEYS)),
                ('p', Kind::PressToPress, Some(CODE_KEYS - 1)),
            ],
            Self::Pointer => &[
                ('s', Kind::PointerSpeed, Some(5)),
                ('c', Kind::PointerCurvature, Some(5)),
                ('r', Kind::PointerPause, Some(3)),
            ],
            Self::Touch => &[
                ('z', Kind::TouchSize, Some(3)),
                ('t', Kind::TouchCadence, Some(2)),
            ],
        }
    }
}

/// A line as it arrived: bounded, and not read. Whoever is exempt has it dropped like this.
#[derive(Clone, PartialEq, Eq)]
pub struct BehaviourReport(Box<str>);

/// Without the numbers: they are somebody's.
impl fmt::Debug for BehaviourReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BehaviourReport(…)")
    }
}

/// The valid samples of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed(Vec<(Field, BehaviourSample)>);

impl BehaviourReport {
    /// Keeps a line for later; `None` if there is none, or it is too long to be one.
    #[must_use]
    pub fn received(text: &str) -> Option<Self> {
        (!text.is_empty() && text.len() <= MAX_LENGTH).then(|| Self(text.into()))
    }

    /// Reads it. `email_keys` is the length of the address that the samples are compared for: who typed another one typed another text. `None` if
    /// anything is not valid: unknown, which is neither for nor against anyone.
    #[must_use]
    pub fn read(&self, email_keys: usize) -> Option<Observed> {
        let mut samples: Vec<(Field, BehaviourSample)> = Vec::new();
        for line in self.0.split(';') {
            let (field, groups) = line.split_once(' ')?;
            let field: Field = field.parse().ok()?;
            if samples.iter().any(|(known, _)| *known == field) {
                return None;
            }
            samples.push((field, sample(field, groups)?));
        }
        samples.retain(|(field, sample)| {
            *field != Field::Email || sample.of(Kind::Hold).len() == email_keys.min(MAX_VALUES)
        });
        Some(Observed(samples))
    }
}

impl Observed {
    /// Each sample with its field, once each.
    #[must_use]
    pub fn samples(&self) -> &[(Field, BehaviourSample)] {
        &self.0
    }
}

fn sample(field: Field, groups: &str) -> Option<BehaviourSample> {
    let expected = field.groups();
    let mut groups = groups.split(' ');
    let mut numbers = Vec::with_capacity(expected.len());
    for (letter, kind, count) in expected {
        let values = values(groups.next()?.strip_prefix(*letter)?)?;
        if count.is_some_and(|count| count != values.len()) {
            return None;
        }
        numbers.push((*kind, values));
    }
    if groups.next().is_some() {
        return None;
    }
    let measurements: Vec<_> = (numbers.iter())
        .map(|(kind, values)| Measurement {
            kind: *kind,
            values,
        })
        .collect();
    BehaviourSample::new(&measurements).ok()
}

/// Digits and points alone: what Rust reads besides, such as `inf`, `nan` or `1e9`, no page writes.
fn values(text: &str) -> Option<Vec<f64>> {
    let mut values = Vec::new();
    for number in text.split(',') {
        let is_plain = number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !is_plain || values.len() >= MAX_VALUES {
            return None;
        }
        values.push(number.parse().ok()?);
    }
    Some(values)
}
