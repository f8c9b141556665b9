//! The filter of a list of events: its fields, with what was entered and what is wrong with it.

use crate::{
    components::{choice_fields::Select, form_state::FormState, icon::Icon, text_fields::Field},
    list::ListUrl,
    messages::{Key, m},
};
use latchkey_domain::audit::filter::{EventFilter, FilterFault, FilterField};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// A filter as the address of a list has it.
#[derive(Debug, Clone)]
pub struct EventFilterForm {
    list: ListUrl,
    read: Result<EventFilter, BTreeMap<FilterField, FilterFault>>,
}

impl EventFilterForm {
    /// Reads the address of a list with these fields.
    #[must_use]
    pub fn read(path: &'static str, fields: &[FilterField]) -> Self {
        let list = ListUrl::with_fields(path, fields.iter().map(|field| field.as_str()));
        let read = EventFilter::parse(|field| list.field(field.as_str()).to_owned());
        Self { list, read }
    }

    /// The list.
    #[must_use]
    pub const fn list(&self) -> &ListUrl {
        &self.list
    }

    /// The filter, unless a field cannot be used.
    #[must_use]
    pub const fn filter(&self) -> Option<&EventFilter> {
        match &self.read {
            Ok(filter) => Some(filter),
            Err(_) => None,
        }
    }

    /// A field with its error.
    #[must_use]
    pub fn field(&self, field: FilterField) -> AnyView {
        let entered = self.list.field(field.as_str()).to_owned();
        let fault = self
            .read
            .as_ref()
            .err()
            .and_then(|faults| faults.get(&field));
        let form = fault.map_or_else(FormState::default, |fault| {
            FormState::rejected(field.as_str(), &entered, message(*fault).text())
        });
        let name = field.as_str();
        let (label, hint, list) = texts(field);
        if field == FilterField::Outcome {
            let options = [
                ("", m::OUTCOME_ALL),
                ("done", m::OUTCOME_DONE),
                ("refused", m::REFUSED),
            ];
            let options = options.map(|(value, label)| (value.to_owned(), label.text()));
            return view! { <Select form=form name=name label=label options=options.into() value=entered/> }
                .into_any();
        }
        view! { <Field form=form name=name label=label hint=hint value=entered class=list optional=true/> }
            .into_any()
    }

    /// Fields that are behind a disclosure, which is open if any of them is used.
    #[must_use]
    pub fn disclosed(&self, fields: &[FilterField]) -> AnyView {
        let is_open = fields
            .iter()
            .any(|field| !self.list.field(field.as_str()).is_empty());
        let fields = fields.iter().map(|field| self.field(*field)).collect_view();
        view! {
            <details class="disclosure toolbar-more" open=is_open>
                <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::FILTER_MORE}</summary>
                <div class="disclosure-body toolbar-fields">{fields}</div>
            </details>
        }
        .into_any()
    }
}

/// Links to copies of what a list shows.
pub fn exports(list: &ListUrl, path: &str) -> impl IntoView + use<> {
    let link = |format: &'static str, label: Key| {
        let href = list.at(path, &[("format", format)]);
        view! { <a class="button" href=href download="">{label}</a> }
    };
    view! { <div class="button-row">{link("csv", m::EXPORT_CSV)}{link("jsonl", m::EXPORT_JSONL)}</div> }
}

/// The label, the hint and the class of a field.
fn texts(field: FilterField) -> (Key, Key, &'static str) {
    match field {
        FilterField::User => (m::FILTER_USER, m::FILTER_USER_HINT, ""),
        FilterField::Device => (m::DEVICE, m::FILTER_DEVICE_HINT, "input-mono"),
        FilterField::Service => (m::SERVICE, m::FILTER_SERVICE_HINT, ""),
        FilterField::Outcome => (m::FILTER_OUTCOME, m::FILTER_OUTCOME, ""),
        FilterField::Network => (m::FILTER_NETWORK, m::FILTER_NETWORK_HINT, "input-mono"),
        FilterField::Since => (m::FILTER_SINCE, m::FILTER_TIME_HINT, "input-mono"),
        FilterField::Until => (m::FILTER_UNTIL, m::FILTER_UNTIL_HINT, "input-mono"),
    }
}

/// What is wrong with a field of a filter, for pages, programs and commands.
#[must_use]
pub const fn message(fault: FilterFault) -> Key {
    match fault {
        FilterFault::User => m::FILTER_FAULT_USER,
        FilterFault::Device => m::FILTER_FAULT_DEVICE,
        FilterFault::Service => m::FILTER_FAULT_SERVICE,
        FilterFault::Outcome => m::FILTER_FAULT_OUTCOME,
        FilterFault::Network => m::FILTER_FAULT_NETWORK,
        FilterFault::WideNetwork => m::FILTER_FAULT_WIDE_NETWORK,
        FilterFault::Time => m::FILTER_FAULT_TIME,
        FilterFault::EndsBefore => m::FILTER_FAULT_ENDS_BEFORE,
    }
}
