//! Lines of CSV (RFC 4180), for spreadsheets.

use super::event::EventView;
use std::fmt::Write;

/// The columns of an entry.
pub const EVENT_COLUMNS: [&str; 14] = [
    "seq",
    "time",
    "actor",
    "actor_name",
    "action",
    "target",
    "target_name",
    "ip",
    "detail",
    "changes",
    "device",
    "device_name",
    "session",
    "client",
];

/// An entry as a line, with its time as `time` writes it.
#[must_use]
pub fn event_line(event: &EventView, time: &str) -> String {
    let mut changes = String::new();
    for change in &event.changes {
        let separator = if changes.is_empty() { "" } else { "; " };
        let _ = write!(changes, "{separator}{change}");
    }
    let id = |id: Option<String>| id.unwrap_or_default();
    line([
        &*event.seq.to_string(),
        time,
        &event.actor,
        &event.actor_name,
        &event.action,
        &event.target,
        &event.target_name,
        event.ip.as_deref().unwrap_or_default(),
        &event.detail,
        &changes,
        &id(event.device.map(|device| device.to_string())),
        event.device_name.as_deref().unwrap_or_default(),
        event.session.as_deref().unwrap_or_default(),
        &id(event.client.map(|client| client.to_string())),
    ])
}

/// What spreadsheets take for the beginning of a formula, in their half and full width.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A line with its end.
#[must_use]
pub fn line<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let cells: Vec<_> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

/// A cell. One that a spreadsheet would compute begins with an apostrophe: users choose names, and whoever opens the file is
/// an administrator.
fn cell(text: &str) -> String {
    let text = match text.starts_with(FORMULA) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match text.contains([',', '"', '\r', '\n', '\t', ';']) || text.trim() != text {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{event::tests::empty, field_change::FieldChange};

    #[test]
    fn r12_a_cell_is_neither_a_formula_nor_another_cell() {
        for (cells, written) in [
            (&["a", "b"][..], "a,b\r\n"),
            (&["a,b", "say \"no\""], "\"a,b\",\"say \"\"no\"\"\"\r\n"),
            (&["=1+1"], "'=1+1\r\n"),
            (&["+1", "-1", "@A1"], "'+1,'-1,'@A1\r\n"),
            (
                &["=HYPERLINK(\"http://x\",\"y\")"],
                "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\r\n",
            ),
            (&["\tx", "\rx"], "\"'\tx\",\"'\rx\"\r\n"),
            (
                &["two\nlines", " =1", "a;=1"],
                "\"two\nlines\",\" =1\",\"a;=1\"\r\n",
            ),
            (&["＝1"], "'＝1\r\n"),
            (&[""], "\r\n"),
        ] {
            assert_eq!(line(cells.iter().copied()), written, "{cells:?}");
        }
    }

    #[test]
    fn a_line_of_an_entry_has_its_columns() {
        let event = EventView {
            actor: "user:1".to_owned(),
            actor_name: "ada@example.com".to_owned(),
            action: "service.changed".to_owned(),
            target: "service:2".to_owned(),
            target_name: "photos".to_owned(),
            ip: Some("192.0.2.7".to_owned()),
            detail: "by hand".to_owned(),
            changes: [("hosts", "a"), ("rules", "b")]
                .map(|(field, after)| FieldChange {
                    field: field.to_owned(),
                    before: None,
                    after: Some(after.to_owned()),
                })
                .into(),
            device_name: Some("Laptop".to_owned()),
            session: Some("5e55".to_owned()),
            ..empty()
        };
        let written = event_line(&event, "today");
        assert_eq!(
            written,
            "7,today,user:1,ada@example.com,service.changed,service:2,photos,192.0.2.7,by hand,\
             \"hosts: a; rules: b\",,Laptop,5e55,\r\n"
        );
        assert_eq!(written.matches(',').count() + 1, EVENT_COLUMNS.len());
    }
}
