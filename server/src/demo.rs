//! Sample data, so that every page has something to show: people, services, grants, and two weeks
//! of what they did.

use latchkey_domain::{
    access::Administrator,
    grant::{Scope, Scopes},
    list::ListQuery,
    service::{Policy, Requirement},
    user::Role,
};
use latchkey_engine::{Client, Engine, EnrolmentLink, Error, NewService, NewUser};
use std::path::Path;

/// Who administers the sample.
const ADMINISTRATOR: &str = "ada@demo.example";

const PEOPLE: [(&str, &str); 11] = [
    ("grace@demo.example", "Grace Hopper"),
    ("alan@demo.example", "Alan Turing"),
    ("katherine@demo.example", "Katherine Johnson"),
    ("edsger@demo.example", "Edsger Dijkstra"),
    ("barbara@demo.example", "Barbara Liskov"),
    ("dennis@demo.example", "Dennis Ritchie"),
    ("frances@demo.example", "Frances Allen"),
    ("tony@demo.example", "Tony Hoare"),
    ("radia@demo.example", "Radia Perlman"),
    ("niklaus@demo.example", "Niklaus Wirth"),
    ("jean@demo.example", "Jean Bartik"),
];

/// A service: its name, its host, the age in hours of the passkey that it wants (0: a device is
/// enough), and how many of the people may enter.
const SERVICES: [(&str, &str, u32, usize); 6] = [
    ("photos", "photos.demo.example", 0, 9),
    ("wiki", "wiki.demo.example", 0, 11),
    ("files", "files.demo.example", 12, 6),
    ("calendar", "calendar.demo.example", 0, 7),
    ("accounting", "accounting.demo.example", 1, 2),
    ("metrics", "metrics.demo.example", 12, 3),
];

/// Fills an empty data directory; one that was filled before stays as it is. Returns the link with
/// which the sample's administrator signs in.
pub(crate) async fn fill(engine: &Engine, data_dir: &Path) -> Result<EnrolmentLink, NotFilled> {
    let operator = Administrator::Operator;
    let nobody = Client::default();
    if engine.list_users(&operator, &ListQuery::default().bounded()).await?.total > 0 {
        return match engine.user_by_email(&operator, ADMINISTRATOR).await {
            Ok(ada) => Ok(engine.invite_user(&operator, ada.id, &nobody).await?),
            Err(Error::NotFound(_)) => Err(NotFilled::NotEmpty(data_dir.display().to_string())),
            Err(other) => Err(other.into()),
        };
    }
    let person = |email: &str, name: &str, role| NewUser { email: email.to_owned(), name: name.to_owned(), role };
    let (_, link) = engine.add_user(&operator, person(ADMINISTRATOR, "Ada Lovelace", Role::Admin), &nobody).await?;
    for (email, name) in PEOPLE {
        engine.add_user(&operator, person(email, name, Role::User), &nobody).await?;
    }
    for (name, host, passkey_hours, entitled) in SERVICES {
        let requirement = match passkey_hours {
            0 => Requirement::Device,
            hours => Requirement::Passkey { max_age_seconds: hours * 3600 },
        };
        let new = NewService { hosts: host.to_owned(), policy: Policy { requirement, ..Policy::default() } };
        engine.add_service(&operator, name, new, &nobody).await?;
        for (place, (email, _)) in PEOPLE.iter().take(entitled).enumerate() {
            let scopes: Scopes = Scope::ALL.into_iter().take(place % 4).collect();
            engine.add_grant(&operator, email, name, scopes, None, &nobody).await?;
        }
    }
    Ok(link)
}

/// Why there is no sample.
#[derive(Debug)]
pub(crate) enum NotFilled {
    /// Somebody's data is there already.
    NotEmpty(String),
    /// It could not be written.
    Failed(Error),
}

impl From<Error> for NotFilled {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
