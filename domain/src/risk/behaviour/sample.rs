//! One behaviour as it arrives: validated, then kept as logarithms.

use super::feature::Kind;

/// The most values of one kind: what can be compared within 20 µs. An e-mail address may be longer; its further keys are not measured.
pub const MAX_VALUES: usize = 48;

/// The most features of a sample, with derived ones.
pub const MAX_FEATURES: usize = 384;

/// One group of numbers from the browser.
#[derive(Debug, Clone, Copy)]
pub struct Measurement<'a> {
    /// What they are.
    pub kind: Kind,
    /// In order, in the unit of their kind.
    pub values: &'a [f64],
}

/// Why numbers are not a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSample {
    /// There are none, or none of a kind that is there.
    #[error("no values")]
    Empty,
    /// More values of a kind than [`MAX_VALUES`].
    #[error("too many values")]
    TooMany,
    /// Not a number, or infinite.
    #[error("not finite")]
    NotFinite,
    /// Negative, or above the limit of its kind.
    #[error("out of range")]
    OutOfRange,
    /// A kind twice.
    #[error("repeated kind")]
    Repeated,
    /// A kind that the server derives.
    #[error("derived kind")]
    Derived,
    /// Between `n` keys there are `n - 1` intervals.
    #[error("keys and intervals differ")]
    Uneven,
}

/// A kind with the number of its features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The kind.
    pub kind: Kind,
    /// How many features it has, from 1 to [`MAX_VALUES`].
    pub count: u8,
}

/// A validated sample. Values are thousandths of natural logarithms: finite by type, equal only if they were measured equal, two bytes
/// each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehaviourSample {
    shape: Box<[Group]>,
    values: Box<[i16]>,
}

impl BehaviourSample {
    /// Validates what a browser sent and derives the other features. The lengths are checked before anything is allocated.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn new(measurements: &[Measurement<'_>]) -> Result<Self, InvalidSample> {
        if measurements.is_empty() {
            return Err(InvalidSample::Empty);
        }
        for (place, measurement) in measurements.iter().enumerate() {
            validate(measurement)?;
            let is_same = |other: &Measurement<'_>| other.kind == measurement.kind;
            if measurements.iter().take(place).any(is_same) {
                return Err(InvalidSample::Repeated);
            }
        }
        let of = |kind| {
            let found = measurements.iter().find(|found| found.kind == kind);
            found.map_or(&[][..], |found| found.values)
        };
        let (holds, presses) = (of(Kind::Hold), of(Kind::PressToPress));
        let has_keys = !holds.is_empty() || !presses.is_empty();
        if has_keys && holds.len() != presses.len() + 1 {
            return Err(InvalidSample::Uneven);
        }
        let measured: usize = measurements.iter().map(|found| found.values.len()).sum();
        let mut builder = Builder::with_capacity(measured + presses.len() + 2);
        for kind in Kind::ALL {
            match kind {
                Kind::ReleaseToRelease => {
                    let keys = holds.windows(2).zip(presses);
                    builder.push(
                        kind,
                        keys.map(|(hold, press)| match hold {
                            [this, next] => press + next - this,
                            _ => *press,
                        }),
                    );
                }
                Kind::AverageHold => builder.push(kind, geometric_mean(Kind::Hold, holds)),
                Kind::AveragePress => {
                    builder.push(kind, geometric_mean(Kind::PressToPress, presses));
                }
                measured => builder.push(kind, of(measured).iter().copied()),
            }
        }
        Ok(builder.build())
    }

    /// The sample of one field: hold times of `n` keys and the `n - 1` times from press to press, in milliseconds.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn keystrokes(holds: &[f64], presses: &[f64]) -> Result<Self, InvalidSample> {
        let hold = Measurement {
            kind: Kind::Hold,
            values: holds,
        };
        let press = Measurement {
            kind: Kind::PressToPress,
            values: presses,
        };
        match presses.is_empty() {
            true => Self::new(&[hold]),
            false => Self::new(&[hold, press]),
        }
    }

    /// Samples of one shape can be compared.
    #[must_use]
    pub fn shape(&self) -> &[Group] {
        &self.shape
    }

    /// Each feature with its kind, as thousandths of natural logarithms.
    #[must_use]
    pub fn values(&self) -> &[i16] {
        &self.values
    }

    /// The features of a kind; empty if there are none.
    pub(super) fn of(&self, kind: Kind) -> &[i16] {
        let mut start = 0;
        for group in &self.shape {
            let end = start + usize::from(group.count);
            if group.kind == kind {
                return self.values.get(start..end).unwrap_or_default();
            }
            start = end;
        }
        &[]
    }

    /// A sample from its stored parts; `None` if they do not fit each other.
    pub(super) fn from_parts(shape: Box<[Group]>, values: Box<[i16]>) -> Option<Self> {
        (features(&shape) == values.len()).then_some(Self { shape, values })
    }
}

/// How many features a shape has.
pub(super) fn features(shape: &[Group]) -> usize {
    shape.iter().map(|group| usize::from(group.count)).sum()
}

fn validate(measurement: &Measurement<'_>) -> Result<(), InvalidSample> {
    let Measurement { kind, values } = *measurement;
    if kind.is_derived() {
        return Err(InvalidSample::Derived);
    }
    if values.is_empty() {
        return Err(InvalidSample::Empty);
    }
    if values.len() > MAX_VALUES {
        return Err(InvalidSample::TooMany);
    }
    if values.iter().any(|value| !value.is_finite()) {
        return Err(InvalidSample::NotFinite);
    }
    if values
        .iter()
        .any(|value| !(0.0..=kind.limit()).contains(value))
    {
        return Err(InvalidSample::OutOfRange);
    }
    Ok(())
}

/// In the unit of the kind, so that it becomes a feature like any other.
fn geometric_mean(kind: Kind, values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let sum: f64 = values.iter().map(|value| kind.logarithm(*value)).sum();
    let mean = (sum / values.len() as f64).exp();
    // Back through what `logarithm` does to a time.
    Some((mean - 0.01) * 1000.0)
}

#[derive(Debug)]
struct Builder {
    shape: Vec<Group>,
    values: Vec<i16>,
}

impl Builder {
    fn with_capacity(features: usize) -> Self {
        Self {
            shape: Vec::with_capacity(Kind::ALL.len()),
            values: Vec::with_capacity(features),
        }
    }

    fn push(&mut self, kind: Kind, values: impl IntoIterator<Item = f64>) {
        let start = self.values.len();
        // Between ln 0.01 and ln 10 000, so it fits; a cast saturates.
        let thousandths = |value| (kind.logarithm(value) * 1000.0).round() as i16;
        self.values.extend(values.into_iter().map(thousandths));
        let count = u8::try_from(self.values.len() - start).unwrap_or(u8::MAX);
        if count > 0 {
            self.shape.push(Group { kind, count });
        }
    }

    fn build(self) -> BehaviourSample {
        BehaviourSample {
            shape: self.shape.into_boxed_slice(),
            values: self.values.into_boxed_slice(),
        }
    }
}
