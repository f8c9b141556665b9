//! Sample data, so that every page has something to show: people, services, grants, and two weeks
//! of what they did.

use latchkey_domain::{
    access::access_grant::{Scope, Scopes},
    access::permission::{Administrator, CurrentUser},
    access::service::{Policy, Requirement},
    id::UserId,
    identity::user::Role,
    pagination::ListQuery,
};
use latchkey_engine::{
    Clock, Engine, Error, NewService, NewUser, OpenError, RequestOrigin, Settings,
};
use time::Duration;
use totp_rs::Totp;

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

/// Browsers in which the sample's people were seen.
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
];

/// Days that the sample looks back on.
const DAYS: i64 = 14;

/// Somebody of the sample, with the authenticator app that the sample holds for them.
struct Person {
    email: String,
    app: Totp,
    client: RequestOrigin,
    current_user: Option<CurrentUser>,
}

/// Fills an empty data directory through the very use cases that people go through, by a clock that
/// starts two weeks ago; one that was filled before stays as it is. Returns the sample's administrator.
pub(crate) async fn fill(settings: Settings) -> Result<UserId, NotFilled> {
    let operator = Administrator::operator();
    let data_dir = settings.data_dir.display().to_string();
    let present = Engine::open(settings.clone()).await?;
    if present
        .list_users(&operator, &ListQuery::default().bounded())
        .await?
        .total
        == 0
    {
        // Two hours more for the first morning, on which everybody is added: nothing is of tomorrow.
        let clock = Clock::manual(present.now() - Duration::days(DAYS) - Duration::hours(2));
        let past = Engine::open(Settings {
            clock: clock.clone(),
            ..settings
        })
        .await?;
        tell_two_weeks(&past, &clock).await?;
        past.close().await;
    }
    let administrator = match present.user_by_email(&operator, ADMINISTRATOR).await {
        Ok(ada) => Ok(ada.id),
        Err(Error::NotFound(_)) => Err(NotFilled::NotEmpty(data_dir)),
        Err(other) => Err(other.into()),
    };
    present.close().await;
    administrator
}

async fn tell_two_weeks(engine: &Engine, clock: &Clock) -> Result<(), NotFilled> {
    let mut people = Vec::new();
    people.push(enter(engine, ADMINISTRATOR, "Ada Lovelace", Role::Admin, 0).await?);
    for (place, (email, name)) in PEOPLE.into_iter().enumerate() {
        clock.advance(Duration::minutes(7));
        people.push(enter(engine, email, name, Role::User, place + 1).await?);
    }
    add_services(engine).await?;
    for day in 0..DAYS {
        // Everybody comes on most days, some twice; the hours differ so that the chart looks like life.
        for (place, person) in people.iter_mut().enumerate() {
            clock.advance(Duration::minutes(40));
            let pace = (place as i64 * 5 + day * 3) % 7;
            if pace < 4 {
                person.sign_in(engine).await?;
            }
            if pace == 6 && place % 3 == 0 {
                let wrong = engine
                    .register_device(&person.email, "000000", "", None, &person.client)
                    .await;
                drop(wrong);
            }
        }
        if day % 3 == 1 {
            let stranger = RequestOrigin {
                ip: Some([198, 51, 100, 23].into()),
                user_agent: "curl/8.14".to_owned(),
            };
            drop(
                engine
                    .register_device("root@demo.example", "123456", "", None, &stranger)
                    .await,
            );
        }
        // Twelve people at forty minutes make eight hours; the night is the rest.
        clock.advance(Duration::hours(24) - Duration::minutes(40 * people.len() as i64));
    }
    let operator = Administrator::operator();
    if let Some(lost) = people
        .get(4)
        .and_then(|person| person.current_user.as_ref())
    {
        engine
            .revoke_device(&operator, lost.device_id, &[], &RequestOrigin::default())
            .await?;
    }
    let left = engine
        .user_by_email(&operator, "niklaus@demo.example")
        .await?;
    engine
        .disable_user(&operator, left.id, &RequestOrigin::default())
        .await?;
    let new = NewUser {
        email: "margaret@demo.example".to_owned(),
        name: "Margaret Hamilton".to_owned(),
        role: Role::User,
    };
    engine
        .add_user(&operator, new, &RequestOrigin::default())
        .await?
        .commit()
        .await?;
    Ok(())
}

async fn enter(
    engine: &Engine,
    email: &str,
    name: &str,
    role: Role,
    place: usize,
) -> Result<Person, NotFilled> {
    let new = NewUser {
        email: email.to_owned(),
        name: name.to_owned(),
        role,
    };
    let (_, uri) = engine
        .add_user_with_totp(&Administrator::operator(), new, &RequestOrigin::default())
        .await?
        .commit()
        .await?;
    let app = Totp::from_url(uri.expose_secret()).map_err(Error::internal)?;
    let client = RequestOrigin {
        ip: Some([192, 0, 2, 10 + place as u8].into()),
        user_agent: BROWSERS[place % BROWSERS.len()].to_owned(),
    };
    let mut person = Person {
        email: email.to_owned(),
        app,
        client,
        current_user: None,
    };
    person.sign_in(engine).await?;
    Ok(person)
}

impl Person {
    /// Types the code that their app shows now, on the device that they have.
    async fn sign_in(&mut self, engine: &Engine) -> Result<(), NotFilled> {
        let now = u64::try_from(engine.now().unix_timestamp()).unwrap_or_default();
        let code = self.app.generate(now).to_string();
        let signed_in = engine
            .register_device(
                &self.email,
                &code,
                "",
                self.current_user.as_ref().map(Into::into),
                &self.client,
            )
            .await?;
        self.current_user = Some(signed_in.current_user);
        Ok(())
    }
}

async fn add_services(engine: &Engine) -> Result<(), NotFilled> {
    let (operator, nobody) = (Administrator::operator(), RequestOrigin::default());
    for (name, host, passkey_hours, entitled) in SERVICES {
        let requirement = match passkey_hours {
            0 => Requirement::Device,
            hours => Requirement::Passkey {
                max_age_seconds: hours * 3600,
            },
        };
        let new = NewService {
            hosts: host.to_owned(),
            policy: Policy {
                requirement,
                ..Policy::default()
            },
            ..NewService::default()
        };
        engine
            .add_service(&operator, name, new, &nobody)
            .await?
            .commit()
            .await?;
        for (place, (email, _)) in PEOPLE.iter().take(entitled).enumerate() {
            let scopes: Scopes = Scope::ALL.into_iter().take(place % 4).collect();
            engine
                .add_grant(&operator, email, name, scopes, None, &nobody)
                .await?;
        }
    }
    Ok(())
}

/// Why there is no sample.
#[derive(Debug)]
pub(crate) enum NotFilled {
    /// Somebody's data is there already.
    NotEmpty(String),
    /// The data directory cannot be used.
    Unusable(OpenError),
    /// It could not be written.
    Failed(Error),
}

impl From<Error> for NotFilled {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<OpenError> for NotFilled {
    fn from(error: OpenError) -> Self {
        Self::Unusable(error)
    }
}
