//! Sample data for `--demo`: users, services, grants, clients and two weeks of activity.

mod clients;

use latchkey_domain::{
    access::access_grant::{Scope, Scopes},
    access::permission::{CurrentUser, Operator},
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

/// The administrator.
const ADMINISTRATOR: &str = "ada@demo.example";

const USERS: [(&str, &str); 11] = [
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

/// Services: the name, the host, the maximum age of the passkey in hours (0: a device is enough), and how many
/// users have a grant.
const SERVICES: [(&str, &str, u32, usize); 6] = [
    ("photos", "photos.demo.example", 0, 9),
    ("wiki", "wiki.demo.example", 0, 11),
    ("files", "files.demo.example", 12, 6),
    ("calendar", "calendar.demo.example", 0, 7),
    ("accounting", "accounting.demo.example", 1, 2),
    ("metrics", "metrics.demo.example", 12, 3),
];

/// The browsers of the users.
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
];

/// Days of activity.
const DAYS: i64 = 14;

/// A user with their authenticator app.
struct SampleUser {
    email: String,
    app: Totp,
    origin: RequestOrigin,
    current_user: Option<CurrentUser>,
}

/// Fills an empty data directory through the same use cases as the pages, with a clock that starts two weeks ago;
/// one that was filled before is not changed. Returns the administrator.
pub(crate) async fn fill(settings: Settings) -> Result<UserId, NotFilled> {
    let operator = Operator;
    let data_dir = settings.data_dir.display().to_string();
    let present = Engine::open(settings.clone()).await?;
    if present
        .list_users(&operator, &ListQuery::default().bounded())
        .await?
        .total
        == 0
    {
        // Two more hours for adding the users, so that no event is in the future.
        let clock = Clock::manual(present.now() - Duration::days(DAYS) - Duration::hours(2));
        let past = Engine::open(Settings {
            clock: clock.clone(),
            ..settings
        })
        .await?;
        add_activity(&past, &clock).await?;
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

async fn add_activity(engine: &Engine, clock: &Clock) -> Result<(), NotFilled> {
    let mut users = Vec::new();
    users.push(add_user(engine, ADMINISTRATOR, "Ada Lovelace", Role::Admin, 0).await?);
    for (index, (email, name)) in USERS.into_iter().enumerate() {
        clock.advance(Duration::minutes(7));
        users.push(add_user(engine, email, name, Role::Member, index + 1).await?);
    }
    add_services(engine).await?;
    let backup = clients::add(engine).await?;
    for day in 0..DAYS {
        // Most users sign in on most days, at different hours.
        for (index, user) in users.iter_mut().enumerate() {
            clock.advance(Duration::minutes(40));
            let pattern = (index as i64 * 5 + day * 3) % 7;
            if pattern < 4 {
                user.sign_in(engine).await?;
            }
            if pattern == 6 && index % 3 == 0 {
                let refused = engine
                    .register_device(&user.email, "000000", "", None, &user.origin)
                    .await;
                drop(refused);
            }
        }
        if day % 3 == 1 {
            let attacker = RequestOrigin {
                ip: Some([198, 51, 100, 23].into()),
                user_agent: "curl/8.14".to_owned(),
            };
            drop(
                engine
                    .register_device("root@demo.example", "123456", "", None, &attacker)
                    .await,
            );
        }
        backup.get_token(engine).await?;
        // Twelve users at forty minutes each take eight hours of the day.
        clock.advance(Duration::hours(24) - Duration::minutes(40 * users.len() as i64));
    }
    clients::rotate(engine).await?;
    let operator = Operator;
    if let Some(lost) = users.get(4).and_then(|user| user.current_user.as_ref()) {
        engine
            .revoke_device(&operator, lost.device_id, &[], &RequestOrigin::default())
            .await?;
    }
    let disabled = engine
        .user_by_email(&operator, "niklaus@demo.example")
        .await?;
    engine
        .disable_user(&operator, disabled.id, &RequestOrigin::default())
        .await?;
    let new = NewUser {
        email: "margaret@demo.example".to_owned(),
        name: "Margaret Hamilton".to_owned(),
        role: Role::Member,
    };
    engine
        .add_user(&operator, new, &RequestOrigin::default())
        .await?
        .commit()
        .await?;
    Ok(())
}

async fn add_user(
    engine: &Engine,
    email: &str,
    name: &str,
    role: Role,
    index: usize,
) -> Result<SampleUser, NotFilled> {
    let new = NewUser {
        email: email.to_owned(),
        name: name.to_owned(),
        role,
    };
    let (_, uri) = engine
        .add_user_with_totp(&Operator, new, &RequestOrigin::default())
        .await?
        .commit()
        .await?;
    let app = Totp::from_url(uri.expose_secret()).map_err(Error::internal)?;
    let origin = RequestOrigin {
        ip: Some([192, 0, 2, 10 + index as u8].into()),
        user_agent: BROWSERS[index % BROWSERS.len()].to_owned(),
    };
    let mut user = SampleUser {
        email: email.to_owned(),
        app,
        origin,
        current_user: None,
    };
    user.sign_in(engine).await?;
    Ok(user)
}

impl SampleUser {
    /// Signs in with the current code, on the same device as before.
    async fn sign_in(&mut self, engine: &Engine) -> Result<(), NotFilled> {
        let now = u64::try_from(engine.now().unix_timestamp()).unwrap_or_default();
        let code = self.app.generate(now).to_string();
        let signed_in = engine
            .register_device(
                &self.email,
                &code,
                "",
                self.current_user.as_ref().map(Into::into),
                &self.origin,
            )
            .await?;
        self.current_user = Some(signed_in.current_user);
        Ok(())
    }
}

async fn add_services(engine: &Engine) -> Result<(), NotFilled> {
    let (operator, origin) = (Operator, RequestOrigin::default());
    for (name, host, passkey_hours, grants) in SERVICES {
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
            .add_service(&operator, name, new, &origin)
            .await?
            .commit()
            .await?;
        for (index, (email, _)) in USERS.iter().take(grants).enumerate() {
            let scopes: Scopes = Scope::ALL.into_iter().take(index % 4).collect();
            engine
                .add_grant(&operator, email, name, scopes, None, &origin)
                .await?;
        }
    }
    Ok(())
}

/// Why there is no sample data.
#[derive(Debug)]
pub(crate) enum NotFilled {
    /// There is other data.
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
