//! Checkpoints of the audit log.

use super::{database::Database, duration, error::ConfigError, server::Server, values::Values};
use std::{path::PathBuf, time::Duration};

/// How often a checkpoint can be made, in seconds: every minute to every 30 days.
const INTERVALS: std::ops::RangeInclusive<u64> = 60..=30 * 86_400;

/// The shortest time for which entries are kept.
const LEAST_RETENTION: time::Duration = time::Duration::days(30);

/// Checkpoints of the audit log, and for how long it is kept.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The file to which checkpoints are appended, besides the log.
    pub checkpoint_file: Option<PathBuf>,
    /// How often one is made; `None` for never.
    pub checkpoint_interval: Option<Duration>,
    /// How long entries are kept; `None` for ever.
    pub retention: Option<time::Duration>,
}

impl Audit {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self {
            checkpoint_file: values.path("audit.checkpoint_file"),
            checkpoint_interval: interval(values)?,
            retention: retention(values)?,
        })
    }

    /// Appending to the database or the master key would corrupt them.
    pub(super) fn validate(
        &self,
        server: &Server,
        database: &Database,
        values: &Values,
    ) -> Result<(), ConfigError> {
        let own = ["latchkey.db", "master.key"].map(|name| Some(server.data_dir.join(name)));
        let taken = own.iter().chain([&database.master_key_file]);
        let is_taken = |file: &PathBuf| {
            let absolute = std::path::absolute(file).ok();
            taken
                .clone()
                .flatten()
                .any(|other| std::path::absolute(other).ok() == absolute)
        };
        match &self.checkpoint_file {
            Some(file) if is_taken(file) => Err(values.refuse(
                "audit.checkpoint_file",
                &file.display().to_string(),
                "that is the database or the master key",
                "name a file of its own, best on another machine's disk",
            )),
            _ => Ok(()),
        }
    }
}

fn retention(values: &Values) -> Result<Option<time::Duration>, ConfigError> {
    const NAME: &str = "audit.retention";
    let text = values.text(NAME);
    if text == "forever" {
        return Ok(None);
    }
    match duration::parse(text) {
        Ok(kept) if kept >= LEAST_RETENTION => Ok(Some(kept)),
        found => Err(values.refuse(
            NAME,
            text,
            match found {
                Ok(_) => "that is too short to find out what happened",
                Err(_) => "that is not a duration",
            },
            "write a duration from 30d on, like 400d, or forever",
        )),
    }
}

fn interval(values: &Values) -> Result<Option<Duration>, ConfigError> {
    const NAME: &str = "audit.checkpoint_interval";
    let text = values.text(NAME);
    if text == "off" {
        return Ok(None);
    }
    let refuse = |problem: &str| {
        let remedy = "write a duration from 1m to 30d, like 1h, or off";
        Err(values.refuse(NAME, text, problem, remedy))
    };
    let Some(seconds) = duration::parse(text)
        .ok()
        .and_then(|duration| u64::try_from(duration.whole_seconds()).ok())
    else {
        return refuse("that is not a duration");
    };
    if !INTERVALS.contains(&seconds) {
        return refuse("that is too short or too long");
    }
    Ok(Some(Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, text: &str) -> Result<Audit, ConfigError> {
        let mut values = Values::defaults();
        values.put_flag(name, "--flag", text);
        let audit = Audit::read(&values)?;
        let (server, database) = (Server::read(&values)?, Database::read(&values)?);
        audit.validate(&server, &database, &values).map(|()| audit)
    }

    #[test]
    fn audit_13_checkpoints_are_made_every_hour_by_default() {
        let interval = |text: &str| {
            let read = with("audit.checkpoint_interval", text);
            read.map(|audit| audit.checkpoint_interval.map(|interval| interval.as_secs()))
        };
        let default = Audit::read(&Values::defaults()).unwrap();
        assert_eq!(default.checkpoint_interval, Some(Duration::from_secs(3600)));
        assert_eq!(interval("5m").unwrap(), Some(300));
        assert_eq!(interval("1w").unwrap(), Some(604_800));
        assert_eq!(interval("off").unwrap(), None);
        for text in ["", "0s", "59s", "31d", "never", "-1h"] {
            let error = interval(text).unwrap_err().to_string();
            assert!(error.contains("from 1m to 30d"), "{error}");
        }
    }

    #[test]
    fn entries_are_kept_for_ever_by_default_and_for_thirty_days_at_least() {
        let retention = |text: &str| with("audit.retention", text).map(|audit| audit.retention);
        assert_eq!(Audit::read(&Values::defaults()).unwrap().retention, None);
        assert_eq!(retention("forever").unwrap(), None);
        assert_eq!(retention("400d").unwrap(), Some(time::Duration::days(400)));
        for text in ["", "29d", "-400d", "0", "always"] {
            let error = retention(text).unwrap_err().to_string();
            assert!(error.contains("from 30d on"), "{error}");
        }
    }

    #[test]
    fn audit_13_checkpoints_are_not_appended_to_the_database_or_the_master_key() {
        for file in ["data/latchkey.db", "./data/master.key"] {
            assert!(with("audit.checkpoint_file", file).is_err(), "{file}");
        }
        let audit = with("audit.checkpoint_file", "data/checkpoints").unwrap();
        assert_eq!(audit.checkpoint_file, Some("data/checkpoints".into()));
    }
}
