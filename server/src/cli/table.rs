//! Tables, for people.

use std::fmt;
use time::{OffsetDateTime, macros::format_description};

/// A table: a heading and rows of the same length.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(super) fn new(heading: [&str; N]) -> Self {
        Self {
            rows: vec![heading.map(str::to_uppercase)],
        }
    }

    pub(super) fn row(&mut self, cells: [String; N]) {
        // Names must not send control characters to the terminal.
        self.rows
            .push(cells.map(|cell| cell.chars().filter(|c| !c.is_control()).collect()));
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let cells: Vec<_> = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            f.write_str(cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A time in a table: UTC, to the minute.
pub(super) fn minute(time: OffsetDateTime) -> String {
    time.format(format_description!("[year]-[month]-[day] [hour]:[minute]"))
        .unwrap_or_default()
}

/// An optional time.
pub(super) fn minute_or_dash(time: Option<OffsetDateTime>) -> String {
    time.map_or_else(|| "-".to_owned(), minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_have_no_control_characters() {
        let mut table = Table::new(["name", "role"]);
        table.row(["Zoë".to_owned(), "admin".to_owned()]);
        table.row(["Bartholomew\u{1b}[2J".to_owned(), "user".to_owned()]);
        assert_eq!(
            table.to_string(),
            "NAME            ROLE\nZoë             admin\nBartholomew[2J  user"
        );
    }
}
