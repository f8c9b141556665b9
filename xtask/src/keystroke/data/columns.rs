//! Which columns are what.

use std::fmt;

use anyhow::{Result, bail, ensure};
use csv::StringRecord;

/// The places of columns in a row.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) subject: usize,
    pub(super) session: usize,
    pub(super) repetition: usize,
    pub(super) holds: Vec<usize>,
    /// One less than holds.
    pub(super) intervals: Vec<usize>,
    /// Whether intervals begin with the release of a key (UD), because there are none that begin with its press (DD).
    pub(super) is_from_release: bool,
    pub(super) touch: Vec<usize>,
}

impl Columns {
    /// Those of generated samples.
    pub(super) fn keys(keys: usize) -> Self {
        Self {
            holds: (0..keys).collect(),
            intervals: (1..keys).collect(),
            ..Self::default()
        }
    }

    pub(super) fn parse(header: &StringRecord) -> Result<Self> {
        let column = |wanted: &[&str]| {
            let is_wanted = |name: &str| wanted.iter().any(|one| name.eq_ignore_ascii_case(one));
            header.iter().position(is_wanted)
        };
        let required = |wanted: &[&str]| match column(wanted) {
            Some(column) => Ok(column),
            None => bail!(
                "the header has no column {}; it begins with {:?}",
                wanted.first().copied().unwrap_or_default(),
                header.iter().take(4).collect::<Vec<_>>()
            ),
        };
        let subject = required(&["subject_no", "subject"])?;
        let session = required(&["session", "sessionIndex"])?;
        let repetition = required(&["rep"])?;
        let with_prefix = |prefix: &str| -> Vec<usize> {
            let names = header.iter().enumerate();
            names
                .filter(|(_, name)| prefix_of(name) == Some(prefix))
                .map(|(place, _)| place)
                .collect()
        };
        let holds = with_prefix("H");
        let (down, up) = (with_prefix("DD"), with_prefix("UD"));
        ensure!(
            holds.len() >= 2,
            "the header has {} hold times (H…), at least 2 are needed",
            holds.len()
        );
        // One of the two kinds follows from the other with the hold times, so either will do.
        let is_complete = |intervals: &[usize]| intervals.len() + 1 == holds.len();
        let (intervals, is_from_release) = match (is_complete(&down), is_complete(&up)) {
            (true, _) => (down, false),
            (false, true) => (up, true),
            (false, false) => bail!(
                "{} hold times (H…) need {} intervals, but the header has {} of press to press (DD…) and {} of release to \
                 press (UD…)",
                holds.len(),
                holds.len() - 1,
                down.len(),
                up.len()
            ),
        };
        let first = [subject, session, repetition];
        let touch = (0..header.len())
            .filter(|place| !first.contains(place))
            .filter(|place| prefix_of(header.get(*place).unwrap_or_default()).is_none())
            .collect();
        Ok(Self {
            subject,
            session,
            repetition,
            holds,
            intervals,
            is_from_release,
            touch,
        })
    }
}

/// `H.period`, `DD.period.t`, `UD.1`, also `H_1` or `H1`.
fn prefix_of(name: &str) -> Option<&'static str> {
    ["DD", "UD", "H"].into_iter().find(|prefix| {
        let rest = name.strip_prefix(prefix);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphabetic()))
    })
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let intervals = match self.is_from_release {
            true => "UD",
            false => "DD",
        };
        write!(
            f,
            "{} H and {} {intervals} (the other intervals follow from these)",
            self.holds.len(),
            self.intervals.len()
        )?;
        match self.touch.len() {
            0 => Ok(()),
            touch => write!(
                f,
                "; {touch} of the touch, for the matcher that is named so"
            ),
        }
    }
}
