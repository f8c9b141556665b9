//! Lists in addresses: `?q=ada&sort=-last_seen&filter=active&page=2`. The address carries the whole query, so a list can
//! be shared, bookmarked and navigated with the buttons of the browser.

use crate::{response, url::percent_encode};
use latchkey_domain::{audit::filter::MAX_FIELD_CHARS, pagination::ListQuery};

/// A list on a page: its path and its query.
#[derive(Debug, Clone)]
pub struct ListUrl {
    path: String,
    query: ListQuery,
    /// Further fields of its form, as they were entered.
    fields: Vec<(&'static str, String)>,
}

impl ListUrl {
    /// Reads the address of the page at `path`.
    #[must_use]
    pub fn read(path: impl Into<String>) -> Self {
        let context = response::request_context();
        let value = |name: &str| context.facts().query(name).unwrap_or_default();
        Self::of(
            path,
            &value("q"),
            &value("sort"),
            &value("filter"),
            &value("page"),
        )
    }

    /// Reads the address of a list with further fields.
    #[must_use]
    pub fn with_fields(
        path: impl Into<String>,
        names: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        let context = response::request_context();
        let value = |name: &'static str| {
            let text = context.facts().query(name)?;
            let text: String = text.trim().chars().take(MAX_FIELD_CHARS).collect();
            (!text.is_empty()).then_some((name, text))
        };
        Self {
            fields: names.into_iter().filter_map(value).collect(),
            ..Self::read(path)
        }
    }

    fn of(path: impl Into<String>, search: &str, sort: &str, filter: &str, page: &str) -> Self {
        let (sort, descending) = sort
            .strip_prefix('-')
            .map_or((sort, false), |sort| (sort, true));
        let identifier = |text: &str| {
            text.chars()
                .filter(|c| c.is_ascii_alphanumeric() || "_.-".contains(*c))
                .take(40)
                .collect()
        };
        let query = ListQuery {
            search: search.to_owned(),
            sort: identifier(sort),
            descending,
            filter: identifier(filter),
            page: page.parse().unwrap_or(1),
        };
        Self {
            path: path.into(),
            query: query.bounded(),
            fields: Vec::new(),
        }
    }

    /// The query, for the engine.
    #[must_use]
    pub const fn query(&self) -> &ListQuery {
        &self.query
    }

    /// Whether a search or filter applies: then an empty result does not mean an empty list.
    #[must_use]
    pub const fn is_narrowed(&self) -> bool {
        !self.query.search.is_empty() || !self.query.filter.is_empty() || !self.fields.is_empty()
    }

    /// What was entered into a further field.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(field, _)| *field == name);
        field.map_or("", |(_, text)| text)
    }

    /// The address of something else about the same rows, such as a copy of them.
    #[must_use]
    pub fn at(&self, path: &str, parameters: &[(&'static str, &str)]) -> String {
        let parameters = parameters
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let other = Self {
            path: path.to_owned(),
            fields: self.fields.iter().cloned().chain(parameters).collect(),
            ..self.clone()
        };
        other.address("", 1)
    }

    /// The address of the whole list.
    #[must_use]
    pub fn everything(&self) -> &str {
        &self.path
    }

    /// The value of the `sort` parameter: the column, with a minus for descending order.
    #[must_use]
    pub fn sort(&self) -> String {
        let sign = if self.query.descending { "-" } else { "" };
        format!("{sign}{}", self.query.sort)
    }

    /// The address of another page.
    #[must_use]
    pub fn page(&self, page: u64) -> String {
        self.address(&self.sort(), page)
    }

    /// The address of the list sorted by a column.
    #[must_use]
    pub fn sorted(&self, column: &str, descending: bool) -> String {
        self.address(
            &if descending {
                format!("-{column}")
            } else {
                column.to_owned()
            },
            1,
        )
    }

    fn address(&self, sort: &str, page: u64) -> String {
        let page = if page > 1 {
            page.to_string()
        } else {
            String::new()
        };
        let parts = [
            ("q", self.query.search.as_str()),
            ("sort", sort),
            ("filter", &self.query.filter),
            ("page", &page),
        ];
        let fields = self
            .fields
            .iter()
            .map(|(name, text)| (*name, text.as_str()));
        let query: Vec<_> = parts
            .into_iter()
            .chain(fields)
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", percent_encode(value)))
            .collect();
        if query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, query.join("&"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_the_query_of_a_list() {
        let list = ListUrl::of("/admin/users", "ada & co", "-last_seen", "active", "3");
        assert_eq!(
            list.page(4),
            "/admin/users?q=ada%20%26%20co&sort=-last_seen&filter=active&page=4"
        );
        assert_eq!(
            list.sorted("name", false),
            "/admin/users?q=ada%20%26%20co&sort=name&filter=active"
        );
        assert_eq!(
            list.sorted("last_seen", true),
            "/admin/users?q=ada%20%26%20co&sort=-last_seen&filter=active"
        );
        assert_eq!(list.everything(), "/admin/users");
    }

    #[test]
    fn further_fields_stay_in_the_address() {
        let list = ListUrl {
            fields: vec![("network", "10.0.0.0/8".to_owned())],
            ..ListUrl::of("/admin/audit", "", "-time", "device", "1")
        };
        assert_eq!(
            list.page(2),
            "/admin/audit?sort=-time&filter=device&page=2&network=10.0.0.0%2F8"
        );
        assert_eq!(
            list.at("/admin/audit/export", &[("format", "csv")]),
            "/admin/audit/export?filter=device&network=10.0.0.0%2F8&format=csv"
        );
        assert!(list.is_narrowed() && list.field("user").is_empty());
    }

    #[test]
    fn an_invalid_page_is_the_first_page() {
        for page in ["", "0", "-1", "x", "99999999999999999999999"] {
            let list = ListUrl::of("/activity", "", "'; drop", "", page);
            assert_eq!(
                (list.query().page, list.query().sort.as_str()),
                (1, "drop"),
                "{page:?}"
            );
        }
    }
}
