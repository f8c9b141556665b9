//! The dashboard of risk: how unusual the sign-ins of the last days were, of whom, and from where.
//!
//! Unusual sign-ins are few and have an index of their own; of all others, only the number of each day is read.

use super::{
    store,
    unusualness::{Unusualness, ranked, sums},
};
use crate::{
    Engine, Result,
    audit::store::assessed::{self, Assessed},
    identity::store::user,
};
use latchkey_domain::{
    access::permission::{Authorizes, RiskRead},
    audit::event::Action,
    id::UserId,
    identity::email::Email,
    risk::{
        Factor, Level, LevelCounts, Mode, NetworkKey, NetworkRule, NetworkVerdict, Occasion, Place,
    },
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    net::IpAddr,
};
use time::{Date, Duration, OffsetDateTime};

/// Days that are shown, today included.
pub const RISK_DAYS: i64 = 14;

/// The most unusual sign-ins that are looked at, the newest ones.
pub const MOST_UNUSUAL: u64 = 10_000;

/// Outlying users, networks and places that are shown.
const SHOWN: usize = 8;

/// More places than can be told apart.
const SHOWN_PLACES: usize = 200;

/// Sign-ins whose places are shown for comparison, whatever their score.
const LATEST: u64 = 500;

/// The dashboard of risk.
#[derive(Debug, Clone)]
pub struct RiskOverview {
    /// What scores do now.
    pub mode: Mode,
    /// When they begin to ask for something, if they do not yet.
    pub enforced_from: Option<OffsetDateTime>,
    /// The days, oldest first, today last.
    pub days: Vec<RiskDay>,
    /// Unusual sign-ins and returns that are counted below.
    pub unusual: u64,
    /// Whether there were more than [`MOST_UNUSUAL`] in these days: then users, networks, places and reasons are those of the newest.
    pub is_bounded: bool,
    /// How often each factor was a reason of them, most first.
    pub factors: Vec<(Factor, u64)>,
    /// The users with the most points.
    pub users: Vec<OutlyingUser>,
    /// The networks with the most points.
    pub networks: Vec<OutlyingNetwork>,
    /// Where addresses were, most points first.
    pub places: Vec<SeenPlace>,
    /// Whether there is a file that says where addresses are.
    pub has_locations: bool,
}

/// The assessments of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskDay {
    /// The day, in UTC.
    pub date: Date,
    /// Sign-ins and unusual returns by level.
    pub levels: LevelCounts,
}

/// A user whose sign-ins were unusual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlyingUser {
    /// The user.
    pub user_id: UserId,
    /// Their address.
    pub email: Email,
    /// How much.
    pub unusual: Unusualness,
}

/// A network from which sign-ins were unusual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlyingNetwork {
    /// The network: an IPv4 /24, or an IPv6 /48.
    pub network: String,
    /// How much.
    pub unusual: Unusualness,
    /// How many users.
    pub users: u64,
    /// Where it is, as far as the file says.
    pub place: Option<Place>,
    /// What an administrator says of it.
    pub verdict: Option<NetworkVerdict>,
}

/// A place from which there were sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenPlace {
    /// The place.
    pub place: Place,
    /// How unusual sign-ins were there; nothing where only usual ones came from.
    pub unusual: Unusualness,
}

fn factors(unusual: &[Assessed]) -> Vec<(Factor, u64)> {
    let mut counts: BTreeMap<Factor, u64> = BTreeMap::new();
    for one in unusual {
        for reason in &one.note.assessment.reasons {
            *counts.entry(reason.factor).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(factor, count)| (u64::MAX - count, *factor));
    counts
}

/// The day of a time among those that are shown.
fn index(days: &[RiskDay], at: OffsetDateTime) -> Option<usize> {
    let first = days.first()?.date;
    usize::try_from((at.date() - first).whole_days()).ok()
}

impl Engine {
    /// How unusual the sign-ins of the last 14 days were.
    ///
    /// # Errors
    /// Internal only.
    pub async fn risk_overview(&self, _proof: &dyn Authorizes<RiskRead>) -> Result<RiskOverview> {
        self.seal_events_to_read().await;
        let (db, now) = (self.read(), self.now());
        let first = now.date() - Duration::days(RISK_DAYS - 1);
        let since = first.midnight().assume_utc();
        let mut unusual = assessed::unusual(&db, since, MOST_UNUSUAL + 1).await?;
        let is_bounded = unusual.len() as u64 > MOST_UNUSUAL;
        unusual.truncate(usize::try_from(MOST_UNUSUAL).unwrap_or(usize::MAX));
        // Words of the index stand in other entries, too.
        unusual.retain(|one| one.note.assessment.level > Level::Low);
        Ok(RiskOverview {
            mode: self.risk_mode(),
            enforced_from: self.risk_enforced_from(),
            days: self.risk_days(first, &unusual).await?,
            unusual: unusual.len() as u64,
            is_bounded,
            factors: factors(&unusual),
            users: self.outlying_users(&unusual).await?,
            networks: self.outlying_networks(&unusual).await?,
            places: self.seen_places(&unusual, since).await?,
            has_locations: self.inner.risk.locations.is_there(),
        })
    }

    async fn risk_days(&self, first: Date, unusual: &[Assessed]) -> Result<Vec<RiskDay>> {
        let mut days: Vec<RiskDay> = (0..RISK_DAYS)
            .map(|day| RiskDay {
                date: first + Duration::days(day),
                levels: LevelCounts::default(),
            })
            .collect();
        let mut unusual_sign_ins = vec![0_u64; days.len()];
        for one in unusual {
            let Some(index) = index(&days, one.time).filter(|index| *index < days.len()) else {
                continue;
            };
            days[index].levels.add(one.note.assessment.level);
            unusual_sign_ins[index] += u64::from(one.occasion != Occasion::Return);
        }
        let db = self.read();
        for (day, unusual) in days.iter_mut().zip(unusual_sign_ins) {
            let from = day.date.midnight().assume_utc();
            let until = from + Duration::DAY;
            let mut sign_ins = 0;
            // One range of an index for each: counting them by day in one statement takes twenty times as long.
            for action in [Action::SignedIn, Action::DeviceRegistered] {
                sign_ins += assessed::count(&db, action, from, until).await?;
            }
            day.levels.low = sign_ins.saturating_sub(unusual);
        }
        Ok(days)
    }

    async fn outlying_users(&self, unusual: &[Assessed]) -> Result<Vec<OutlyingUser>> {
        let sums = sums(unusual, |one| Some(one.user));
        // Some may have been deleted since.
        let ranked = ranked(sums.into_iter(), 2 * SHOWN);
        let ids = ranked.iter().map(|(id, _)| *id).collect();
        let emails = user::emails(&self.read(), ids).await?;
        let users = ranked.into_iter().filter_map(|(user_id, unusual)| {
            let email = emails.get(&user_id)?.clone();
            Some(OutlyingUser {
                user_id,
                email,
                unusual,
            })
        });
        Ok(users.take(SHOWN).collect())
    }

    async fn outlying_networks(&self, unusual: &[Assessed]) -> Result<Vec<OutlyingNetwork>> {
        let rules = store::network_rule::live_rules(&self.read(), self.now()).await?;
        let sums = sums(unusual, |one| one.ip.map(NetworkKey::from));
        let networks = ranked(sums.into_iter(), SHOWN);
        let found = networks.into_iter().map(|(network, sum)| {
            let of_it = || {
                let is_in = |one: &&Assessed| one.ip.map(NetworkKey::from) == Some(network);
                unusual.iter().filter(is_in)
            };
            let users: HashSet<_> = of_it().map(|one| one.user).collect();
            let ip = of_it().find_map(|one| one.ip);
            OutlyingNetwork {
                network: network.to_string(),
                unusual: sum,
                users: users.len() as u64,
                place: ip.and_then(|ip| self.inner.risk.locations.place(ip)),
                verdict: ip.and_then(|ip| NetworkRule::verdict_about(&rules, ip, self.now())),
            }
        });
        Ok(found.collect())
    }

    async fn seen_places(
        &self,
        unusual: &[Assessed],
        since: OffsetDateTime,
    ) -> Result<Vec<SeenPlace>> {
        let locations = &self.inner.risk.locations;
        if !locations.is_there() {
            return Ok(Vec::new());
        }
        let until = self.now() + Duration::HOUR;
        let latest = assessed::newest(&self.read(), Action::SignedIn, since, until, LATEST).await?;
        let mut of_ip: HashMap<IpAddr, Option<Place>> = HashMap::new();
        let mut place = |one: &Assessed| {
            let ip = one.ip?;
            *of_ip.entry(ip).or_insert_with(|| locations.place(ip))
        };
        let mut sums: HashMap<Place, Unusualness> = HashMap::new();
        for one in &latest {
            if let Some(place) = place(one) {
                sums.entry(place).or_default();
            }
        }
        for one in unusual {
            if let Some(place) = place(one) {
                sums.entry(place).or_default().add(one);
            }
        }
        let places = ranked(sums.into_iter(), SHOWN_PLACES).into_iter();
        let places = places.map(|(place, unusual)| SeenPlace { place, unusual });
        Ok(places.collect())
    }
}
