//! Which entries of the audit log a list, an export or the live view has: what was asked for, read from text.

mod period;

use self::period::period;
use super::network::{Network, NetworkError};
use crate::{
    access::service::ServiceName,
    id::{DeviceId, UserId},
    identity::email::Email,
    pagination::ListQuery,
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, str::FromStr};
use time::OffsetDateTime;

/// The longest text of a field, in characters.
pub const MAX_FIELD_CHARS: usize = 254;

/// A field of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FilterField {
    /// Who acted or was affected.
    User,
    /// On which device it was done, or to which.
    Device,
    /// Of which service.
    Service,
    /// Whether it was done or refused.
    Outcome,
    /// From which address or network.
    Network,
    /// From when on.
    Since,
    /// Until when.
    Until,
}

impl FilterField {
    /// Every field.
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::Device,
        Self::Service,
        Self::Outcome,
        Self::Network,
        Self::Since,
        Self::Until,
    ];

    /// Its name in addresses, and as an option of the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Device => "device",
            Self::Service => "service",
            Self::Outcome => "outcome",
            Self::Network => "network",
            Self::Since => "since",
            Self::Until => "until",
        }
    }
}

/// Why a field cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterFault {
    /// Neither an e-mail address nor the id of a user.
    #[error("neither an e-mail address nor an id")]
    User,
    /// Not the id of a device.
    #[error("not the id of a device")]
    Device,
    /// Not the name of a service.
    #[error("not the name of a service")]
    Service,
    /// Neither `done` nor `refused`.
    #[error("neither done nor refused")]
    Outcome,
    /// Neither an address nor a network.
    #[error("neither an address nor a network")]
    Network,
    /// A network that is too wide, or whose addresses cannot be told by their beginning.
    #[error("a network that cannot be searched for")]
    WideNetwork,
    /// Neither a date nor a time.
    #[error("neither a date nor a time")]
    Time,
    /// The end is before the beginning.
    #[error("an end before the beginning")]
    EndsBefore,
}

/// What came of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

impl Outcome {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// A user, as they can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserName {
    /// By id.
    Id(UserId),
    /// By address, which a deleted user had too.
    Email(Email),
}

/// Which entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventFilter {
    /// Text that an entry contains.
    pub search: String,
    /// An action, or its noun; empty for all.
    pub action: String,
    /// Who acted or was affected.
    pub user: Option<UserName>,
    /// On which device it was done, or to which.
    pub device: Option<DeviceId>,
    /// Of which service.
    pub service: Option<ServiceName>,
    /// Done or refused.
    pub outcome: Option<Outcome>,
    /// From which addresses.
    pub network: Option<Network>,
    /// The first second.
    pub since: Option<OffsetDateTime>,
    /// The first second after.
    pub until: Option<OffsetDateTime>,
}

impl EventFilter {
    /// Reads the fields but search and action; an empty text is no condition.
    ///
    /// # Errors
    /// What cannot be used, by field.
    pub fn parse(
        value: impl Fn(FilterField) -> String,
    ) -> Result<Self, BTreeMap<FilterField, FilterFault>> {
        let mut faults = BTreeMap::new();
        let mut read = Reader {
            value,
            faults: &mut faults,
        };
        let filter = Self {
            search: String::new(),
            action: String::new(),
            user: read.field(FilterField::User, user),
            device: read.field(FilterField::Device, |text| {
                text.parse().map_err(|_| FilterFault::Device)
            }),
            service: read.field(FilterField::Service, |text| {
                ServiceName::parse(text).map_err(|_| FilterFault::Service)
            }),
            outcome: read.field(FilterField::Outcome, |text| match text {
                "done" => Ok(Outcome::Done),
                "refused" => Ok(Outcome::Refused),
                _ => Err(FilterFault::Outcome),
            }),
            network: read.field(FilterField::Network, |text| {
                text.parse().map_err(|error| match error {
                    NetworkError::Unreadable => FilterFault::Network,
                    NetworkError::TooWide => FilterFault::WideNetwork,
                })
            }),
            since: read.field(FilterField::Since, |text| Ok(period(text)?.0)),
            until: read.field(FilterField::Until, |text| Ok(period(text)?.1)),
        };
        if let (Some(since), Some(until)) = (filter.since, filter.until)
            && until <= since
        {
            faults.insert(FilterField::Until, FilterFault::EndsBefore);
        }
        match faults.is_empty() {
            true => Ok(filter),
            false => Err(faults),
        }
    }

    /// The same with the search and the action of a list.
    #[must_use]
    pub fn with_query(self, query: &ListQuery) -> Self {
        Self {
            search: query.search.clone(),
            action: query.filter.clone(),
            ..self
        }
    }

    /// Whether it has every entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

struct Reader<'f, V> {
    value: V,
    faults: &'f mut BTreeMap<FilterField, FilterFault>,
}

impl<V: Fn(FilterField) -> String> Reader<'_, V> {
    fn field<T>(
        &mut self,
        field: FilterField,
        parse: impl FnOnce(&str) -> Result<T, FilterFault>,
    ) -> Option<T> {
        let text = (self.value)(field);
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let parsed = parse(text);
        parsed
            .map_err(|fault| self.faults.insert(field, fault))
            .ok()
    }
}

fn user(text: &str) -> Result<UserName, FilterFault> {
    match UserId::from_str(text) {
        Ok(id) => Ok(UserName::Id(id)),
        Err(_) => Email::parse(text)
            .map(UserName::Email)
            .map_err(|_| FilterFault::User),
    }
}

impl fmt::Display for FilterField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
