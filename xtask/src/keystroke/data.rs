//! A file of samples: a header line, then one sample a line. `subject_no`, `session`, `rep`, then features.
//!
//! `H…` is a hold time, `DD…` from press to press, `UD…` from release to press; every other numeric column is a feature of the touch.
//! The n-th hold time belongs to the n-th key, whatever the columns are called.

mod columns;

use std::{fmt, path::Path};

use anyhow::{Context, Result, bail, ensure};
use csv::{ReaderBuilder, StringRecord, Trim};

use self::columns::Columns;

/// Above this, the median hold time cannot be in seconds.
const LONGEST_HOLD_SECONDS: f64 = 5.0;

/// Samples of several people.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) people: Vec<Person>,
    columns: Columns,
    /// To milliseconds.
    unit: f64,
    source: String,
}

#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    /// In the order of their recording.
    pub(crate) samples: Vec<Sample>,
}

/// Times in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) session: i64,
    pub(crate) repetition: i64,
    pub(crate) holds: Vec<f64>,
    /// From press to press.
    pub(crate) presses: Vec<f64>,
    pub(crate) touch: Vec<f64>,
}

impl Recording {
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let name = file.display();
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {name}"))?;
        let text = String::from_utf8(bytes)
            .ok()
            .with_context(|| format!("{name} is not text in UTF-8"))?;
        Self::parse(&text, &name.to_string()).with_context(|| format!("{name}"))
    }

    /// Generated ones.
    pub(crate) fn generated(people: Vec<Person>, keys: usize, source: String) -> Self {
        Self {
            people,
            columns: Columns::keys(keys),
            unit: 1.0,
            source,
        }
    }

    fn parse(text: &str, source: &str) -> Result<Self> {
        // Some programs begin a file with a mark of its encoding.
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter(text))
            .trim(Trim::All)
            // A ragged row is reported with its line, below.
            .flexible(true)
            .from_reader(text.as_bytes());
        let header = reader.headers()?.clone();
        let columns = Columns::parse(&header)?;
        let mut people: Vec<Person> = Vec::new();
        for row in reader.records() {
            let row = row?;
            let line = row.position().map_or(0, csv::Position::line);
            if row.iter().all(str::is_empty) {
                continue;
            }
            ensure!(
                row.len() == header.len(),
                "line {line} has {} values, the header has {}",
                row.len(),
                header.len()
            );
            let (person, sample) =
                sample(&row, &header, &columns).with_context(|| format!("line {line}"))?;
            match people.iter_mut().find(|known| known.name == person) {
                Some(known) => known.samples.push(sample),
                None => people.push(Person {
                    name: person.to_owned(),
                    samples: vec![sample],
                }),
            }
        }
        ensure!(!people.is_empty(), "there is no sample after the header");
        let mut recording = Self {
            people,
            columns,
            unit: 1.0,
            source: source.to_owned(),
        };
        recording.convert_times();
        for person in &mut recording.people {
            person
                .samples
                .sort_by_key(|sample| (sample.session, sample.repetition));
        }
        Ok(recording)
    }

    /// The file does not say its unit; nobody holds most keys for seconds, or for less than five milliseconds.
    fn convert_times(&mut self) {
        let samples = || self.people.iter().flat_map(|person| &person.samples);
        let mut holds: Vec<f64> = samples()
            .flat_map(|sample| &sample.holds)
            .copied()
            .collect();
        let middle = holds.len() / 2;
        let median = *holds.select_nth_unstable_by(middle, f64::total_cmp).1;
        if median < LONGEST_HOLD_SECONDS {
            self.unit = 1000.0;
        }
        let unit = self.unit;
        for sample in self
            .people
            .iter_mut()
            .flat_map(|person| &mut person.samples)
        {
            let times = sample.holds.iter_mut().chain(&mut sample.presses);
            times.for_each(|time| *time *= unit);
        }
    }

    pub(crate) fn has_touch(&self) -> bool {
        !self.columns.touch.is_empty()
    }
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let samples: usize = self.people.iter().map(|person| person.samples.len()).sum();
        let unit = match self.unit > 1.0 {
            true => "seconds",
            false => "milliseconds",
        };
        writeln!(
            f,
            "{}: {} people, {samples} samples, times in {unit}",
            self.source,
            self.people.len()
        )?;
        write!(f, "Columns: {}", self.columns)
    }
}

/// Whichever of the usual ones the header has most of.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |delimiter: &u8| header.bytes().filter(|byte| byte == delimiter).count();
    // The last of equals wins, so the comma is last.
    *b"\t;,"
        .iter()
        .max_by_key(|byte| count(byte))
        .unwrap_or(&b',')
}

fn sample<'a>(
    row: &'a StringRecord,
    header: &StringRecord,
    columns: &Columns,
) -> Result<(&'a str, Sample)> {
    let name = |column: usize| header.get(column).unwrap_or_default();
    let text = |column: usize| row.get(column).unwrap_or_default();
    let number = |column: &usize| -> Result<f64> {
        let (name, text) = (name(*column), text(*column));
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => bail!("{name} is {text:?}, which is not a number"),
        }
    };
    let whole = |column: &usize| -> Result<i64> {
        let number = number(column)?;
        ensure!(
            number.fract() == 0.0,
            "{} is {number}, which is not a whole number",
            name(*column)
        );
        Ok(number as i64)
    };
    let all = |columns: &[usize]| columns.iter().map(number).collect::<Result<Vec<_>>>();
    let holds = all(&columns.holds)?;
    let intervals = all(&columns.intervals)?;
    let presses = match columns.is_from_release {
        true => intervals
            .iter()
            .zip(&holds)
            .map(|(up, hold)| up + hold)
            .collect(),
        false => intervals,
    };
    let person = text(columns.subject);
    ensure!(!person.is_empty(), "{} is empty", name(columns.subject));
    let sample = Sample {
        session: whole(&columns.session)?,
        repetition: whole(&columns.repetition)?,
        holds,
        presses,
        touch: all(&columns.touch)?,
    };
    Ok((person, sample))
}

#[cfg(test)]
mod tests;
