//! Tables, which the server sorts.

use crate::messages::{Key, m};
use crate::{components::icon::Icon, list::ListUrl};
use leptos::prelude::*;

/// A column of a [`DataTable`].
#[derive(Debug, Clone, Copy)]
pub struct Column {
    label: Key,
    cell: Cell,
    class: Option<&'static str>,
    sort: Option<Sort>,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// The name of the row.
    Header,
    /// A value; its label stands beside it where there is no room for columns.
    Value,
    /// A value that needs no label.
    Plain,
    /// Buttons.
    Actions,
}

/// How a list is sorted by a column.
#[derive(Debug, Clone, Copy)]
struct Sort {
    /// The column, as the engine names it.
    key: &'static str,
    /// Whether the list is in this order unless another is chosen.
    is_default: bool,
    /// Whether the first order is descending, as of times.
    descends: bool,
}

impl Column {
    /// A column of values.
    #[must_use]
    pub const fn new(label: Key) -> Self {
        Self {
            label,
            cell: Cell::Value,
            class: None,
            sort: None,
        }
    }

    /// The column that names the row.
    #[must_use]
    pub const fn header(label: Key) -> Self {
        Self::of(label, Cell::Header, None)
    }

    /// A column of numbers.
    #[must_use]
    pub const fn number(label: Key) -> Self {
        Self::of(label, Cell::Value, Some("num"))
    }

    /// A column of buttons.
    #[must_use]
    pub const fn actions() -> Self {
        Self::of(m::ACTIONS, Cell::Actions, Some("cell-actions"))
    }

    const fn of(label: Key, cell: Cell, class: Option<&'static str>) -> Self {
        Self {
            cell,
            class,
            ..Self::new(label)
        }
    }

    /// The same, with a class for its cells.
    #[must_use]
    pub const fn class(self, class: &'static str) -> Self {
        Self {
            class: Some(class),
            ..self
        }
    }

    /// The same, whose values need no label on a narrow screen.
    #[must_use]
    pub const fn unlabelled(self) -> Self {
        Self {
            cell: Cell::Plain,
            ..self
        }
    }

    /// The same, by which the list can be sorted, lowest value first.
    #[must_use]
    pub const fn ascending(self, key: &'static str) -> Self {
        self.sorted(key, false)
    }

    /// The same, by which the list can be sorted, highest value first.
    #[must_use]
    pub const fn descending(self, key: &'static str) -> Self {
        self.sorted(key, true)
    }

    const fn sorted(self, key: &'static str, descends: bool) -> Self {
        let sort = Sort {
            key,
            is_default: false,
            descends,
        };
        Self {
            sort: Some(sort),
            ..self
        }
    }

    /// The same, in whose order the list is unless another is chosen.
    #[must_use]
    pub const fn by_default(self) -> Self {
        let sort = match self.sort {
            Some(sort) => Some(Sort {
                is_default: true,
                ..sort
            }),
            None => None,
        };
        Self { sort, ..self }
    }

    fn head(&self, list: Option<&ListUrl>) -> AnyView {
        let class = self.class.filter(|class| *class == "num");
        match (self.sort, list) {
            (Some(sort), Some(list)) => sort_head(self.label, class, sort, list),
            _ if self.cell == Cell::Actions => {
                view! { <th scope="col"><span class="visually-hidden">{self.label}</span></th> }
                    .into_any()
            }
            _ => view! { <th scope="col" class=class>{self.label}</th> }.into_any(),
        }
    }

    fn cell(&self, content: AnyView) -> AnyView {
        match self.cell {
            Cell::Header => view! { <th scope="row">{content}</th> }.into_any(),
            Cell::Value => {
                view! { <td class=self.class data-label=self.label.text()>{content}</td> }
                    .into_any()
            }
            Cell::Plain | Cell::Actions => view! { <td class=self.class>{content}</td> }.into_any(),
        }
    }
}

fn sort_head(label: Key, class: Option<&'static str>, sort: Sort, list: &ListUrl) -> AnyView {
    let query = list.query();
    let is_current = query.sort == sort.key || (query.sort.is_empty() && sort.is_default);
    // The list's own order is not written in the address.
    let is_descending = if query.sort.is_empty() {
        sort.descends
    } else {
        query.descending
    };
    let next_is_descending = if is_current {
        !is_descending
    } else {
        sort.descends
    };
    let (order, icon) = match (is_current, is_descending) {
        (false, _) => (None, "sort"),
        (true, false) => (Some("ascending"), "sort-asc"),
        (true, true) => (Some("descending"), "sort-desc"),
    };
    view! {
        <th scope="col" class=class aria-sort=order>
            <a href=list.sorted(sort.key, next_is_descending)>{label}<Icon name=icon/></a>
        </th>
    }
    .into_any()
}

/// A row, with the contents of its cells.
pub fn table_row(columns: &'static [Column], cells: Vec<AnyView>) -> impl IntoView {
    let cells = columns.iter().zip(cells);
    let cells = cells
        .map(|(column, content)| column.cell(content))
        .collect_view();
    view! { <tr>{cells}</tr> }
}

/// A table with one row for each item; its columns can be sorted where the address says how.
#[component]
pub fn DataTable<T>(
    /// What the table lists, for assistive technology.
    #[prop(optional)]
    caption: Option<Key>,
    /// The list, if it can be sorted.
    #[prop(optional)]
    list: Option<ListUrl>,
    /// The columns.
    columns: &'static [Column],
    /// The items.
    items: Vec<T>,
    /// The contents of the cells of an item, one for each column.
    row: impl Fn(T) -> Vec<AnyView>,
) -> impl IntoView {
    let heads = columns
        .iter()
        .map(|column| column.head(list.as_ref()))
        .collect_view();
    let rows = items
        .into_iter()
        .map(|item| table_row(columns, row(item)))
        .collect_view();
    view! {
        <table class="table">
            {caption.map(|caption| view! { <caption class="visually-hidden">{caption}</caption> })}
            <thead><tr>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
