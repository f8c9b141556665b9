//! Configuration: `latchkey.toml`, then `LATCHKEY_*`, then the command's arguments.
//!
//! To add a setting, add a line to [`key::KEYS`] and read it in the section's module.

pub mod audit;
pub mod cookie;
pub mod database;
pub(crate) mod duration;
mod error;
pub mod identity;
mod injected_variables;
pub mod key;
pub mod keys;
pub mod limits;
pub mod log;
pub mod mail;
pub mod passkey;
pub mod proxy;
pub mod recovery;
pub mod risk;
pub mod server;
pub mod sign_in;
pub mod site;
mod values;

pub use error::{ConfigError, Source};

use key::KEYS;
use latchkey_app::snippet::InternalConfig;
use latchkey_engine::{Clock, PasskeySettings, Rng, Settings};
use std::{ffi::OsString, path::PathBuf};
use values::Values;

/// The default name of the file.
const FILE_NAME: &str = "latchkey.toml";

/// The sources of the configuration.
#[derive(Debug, Default)]
pub struct Inputs {
    /// `--config`.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Settings given as arguments: name, argument, value.
    pub flags: Vec<(&'static str, &'static str, String)>,
}

/// The validated configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Addresses and the data directory.
    pub server: server::Server,
    /// The database and the master key.
    pub database: database::Database,
    /// The scope of the device cookie.
    pub cookie: cookie::Cookie,
    /// The identity headers.
    pub identity: identity::Identity,
    /// Trusted proxies.
    pub proxy: proxy::Proxy,
    /// Where passkeys can be used, and which authenticators may keep them.
    pub passkey: passkey::Passkey,
    /// How users sign in.
    pub sign_in: sign_in::SignIn,
    /// Recovery of access.
    pub recovery: recovery::Recovery,
    /// How unusual sign-ins are assessed.
    pub risk: risk::Risk,
    /// The log.
    pub log: log::Log,
    /// How many requests of programs are accepted.
    pub limits: limits::Limits,
    /// How mail is sent, if it is.
    pub mail: Option<mail::Mail>,
    /// Checkpoints of the audit log.
    pub audit: audit::Audit,
    /// Signing keys.
    pub keys: keys::Keys,
    /// The site's name.
    pub site: site::Site,
    values: Values,
    warnings: Vec<String>,
}

/// A setting with its value, without secrets, and its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The setting.
    pub key: &'static str,
    /// Its value, as it may be shown.
    pub value: String,
    /// Its source.
    pub origin: Source,
}

impl Config {
    /// Reads and validates it.
    ///
    /// # Errors
    /// [`ConfigError`] for the first problem, with the remedy.
    pub fn load(inputs: &Inputs) -> Result<Self, ConfigError> {
        // The file may be in the data directory, which only the later sources can set.
        let mut later = Values::defaults();
        overlay(&mut later, inputs)?;
        let mut values = Values::defaults();
        if let Some(file) = find_file(inputs, &later) {
            values.read_file(&file)?;
        }
        let warnings = overlay(&mut values, inputs)?;
        Ok(Self {
            warnings,
            ..Self::check(values)?
        })
    }

    fn check(values: Values) -> Result<Self, ConfigError> {
        let config = Self {
            server: server::Server::read(&values)?,
            database: database::Database::read(&values)?,
            cookie: cookie::Cookie::read(&values)?,
            identity: identity::Identity::read(&values)?,
            proxy: proxy::Proxy::read(&values)?,
            passkey: passkey::Passkey::read(&values)?,
            sign_in: sign_in::SignIn::read(&values)?,
            recovery: recovery::Recovery::read(&values)?,
            risk: risk::Risk::read(&values)?,
            log: log::Log::read(&values)?,
            limits: limits::Limits::read(&values)?,
            mail: mail::Mail::read(&values)?,
            audit: audit::Audit::read(&values)?,
            keys: keys::Keys::read(&values)?,
            site: site::Site::read(&values)?,
            values,
            warnings: Vec::new(),
        };
        config.server.validate(&config.values)?;
        config.database.validate(&config.values)?;
        config.cookie.validate(&config.server, &config.values)?;
        config.passkey.validate(&config.server, &config.values)?;
        let mail = config.mail.as_ref();
        config.recovery.validate(mail, &config.values)?;
        let (server, database) = (&config.server, &config.database);
        config.audit.validate(server, database, &config.values)?;
        Ok(config)
    }

    /// The effective value of every setting.
    #[must_use]
    pub fn effective(&self) -> Vec<Effective> {
        let shown = |name| match name {
            "database_url" => database::without_password(self.values.text(name)),
            "redis_url" => {
                let url = self.database.redis_url.as_ref();
                url.map_or_else(String::new, ToString::to_string)
            }
            "mail.url" => {
                let mail = self.mail.as_ref();
                mail.map_or_else(String::new, |mail| mail.delivery.to_string())
            }
            name => self.values.list(name).join(", "),
        };
        KEYS.iter()
            .map(|key| Effective {
                key: key.name,
                value: shown(key.name),
                origin: self.values.origin(key.name),
            })
            .collect()
    }

    /// Warnings about unknown variables.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The source of a setting, as text.
    #[must_use]
    pub fn origin(&self, key: &'static str) -> String {
        self.values.origin(key).to_string()
    }

    /// What the configuration of proxies depends on.
    #[must_use]
    pub fn internal_config(&self) -> InternalConfig {
        InternalConfig {
            address: self.server.internal_addr.to_string(),
            identity: self.identity.headers.clone(),
        }
    }

    /// The settings of the engine.
    #[must_use]
    pub fn engine_settings(&self, clock: Clock, rng: Rng) -> Settings {
        Settings {
            data_dir: self.server.data_dir.clone(),
            database_url: self.database.url.clone(),
            redis_url: self.database.redis_url.clone(),
            master_key_file: self.database.master_key_file.clone(),
            public_url: self.server.public_url.url().clone(),
            site_name: self.site.name.to_string(),
            passkey_only: self.sign_in.passkey_only,
            sends_mail: self.mail.is_some(),
            key_rotation: self.keys.rotation,
            recovery_cooling_off: self.recovery.cooling_off,
            recovery_confirms_by_mail: self.recovery.confirms_by_mail,
            risk: self.risk.settings.clone(),
            passkeys: PasskeySettings {
                related_origins: self.passkey.related_origins.clone(),
                attestation: self.passkey.attestation.clone(),
            },
            clock,
            rng,
        }
    }
}

/// Adds the values of the environment and the flags. Returns warnings about unknown variables.
fn overlay(values: &mut Values, inputs: &Inputs) -> Result<Vec<String>, ConfigError> {
    let warnings = values.read_environment(inputs.environment.iter().cloned())?;
    for (name, flag, text) in &inputs.flags {
        values.put_flag(name, flag, text);
    }
    Ok(warnings)
}

/// `--config`, then `LATCHKEY_CONFIG`, then `./latchkey.toml`, then that of the data directory. A file that is
/// named must exist; the others are optional.
fn find_file(inputs: &Inputs, later: &Values) -> Option<PathBuf> {
    let named_by_variable = || {
        let (_, path) = inputs
            .environment
            .iter()
            .find(|(name, path)| name == "LATCHKEY_CONFIG" && !path.is_empty())?;
        Some(PathBuf::from(path))
    };
    inputs.file.clone().or_else(named_by_variable).or_else(|| {
        let here = PathBuf::from(FILE_NAME);
        let in_data = PathBuf::from(later.text("data_dir")).join(FILE_NAME);
        [here, in_data].into_iter().find(|path| path.is_file())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        let config = Config::check(Values::defaults()).unwrap();
        assert_eq!(config.server.public_url.origin(), "http://localhost:3000");
        assert_eq!(config.server.public_addr.to_string(), "127.0.0.1:3000");
        assert_eq!(config.server.internal_addr.to_string(), "127.0.0.1:3001");
        assert_eq!(config.server.data_dir, PathBuf::from("./data"));
    }

    #[test]
    fn effective_settings_have_sources_and_hide_passwords() {
        let mut values = Values::defaults();
        values.put_flag(
            "database_url",
            "--database-url",
            "sqlite://ada:secret@db/latchkey",
        );
        values.put_flag("redis_url", "--redis-url", "redis://:secret@cache");
        let report = Config::check(values).unwrap().effective();
        assert_eq!(report.len(), KEYS.len());
        assert!(report.iter().all(|line| !line.value.contains("secret")));
        let database = report
            .iter()
            .find(|line| line.key == "database_url")
            .unwrap();
        assert_eq!(database.origin, Source::Flag("--database-url"));
    }

    #[test]
    fn a_file_that_was_named_must_exist() {
        let inputs = Inputs {
            file: Some("/nonexistent/latchkey.toml".into()),
            ..Inputs::default()
        };
        let error = Config::load(&inputs).unwrap_err().to_string();
        assert!(
            error.starts_with("cannot read /nonexistent/latchkey.toml: "),
            "{error}"
        );
    }
}
