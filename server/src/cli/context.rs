//! The context of a command.

use super::{failure::Failure, output::Output, stop};
use crate::{config::Config, message::access};
use latchkey_app::mail::Site;
use latchkey_engine::{Clock, Engine, OpenError, Rng, Settings};
use std::path::PathBuf;
use tokio::{sync::OnceCell, time::timeout};

/// What commands need: the configuration, the output and the engine.
pub(super) struct Context {
    pub(super) config: Config,
    pub(super) output: Output,
    engine: OnceCell<Engine>,
}

impl Context {
    pub(super) fn new(config: Config, output: Output) -> Self {
        Self {
            config,
            output,
            engine: OnceCell::new(),
        }
    }

    /// Opens the engine on the configured data, once.
    pub(super) async fn engine(&self) -> Result<Engine, Failure> {
        self.open_once(Engine::open).await
    }

    /// Opens the engine for a backup, which does not migrate an older schema.
    pub(super) async fn engine_to_back_up(&self) -> Result<Engine, Failure> {
        self.open_once(Engine::open_to_back_up).await
    }

    async fn open_once(
        &self,
        open: impl AsyncFnOnce(Settings) -> Result<Engine, OpenError>,
    ) -> Result<Engine, Failure> {
        let open = async || {
            let engine = open(self.settings()?).await?;
            access::warn(engine.data_faults());
            Ok::<_, Failure>(engine)
        };
        Ok(self.engine.get_or_try_init(open).await?.clone())
    }

    /// Closes the engine, whether or not the command succeeded: afterwards the database file is complete.
    pub(super) async fn close(&self) {
        if let Some(engine) = self.engine.get()
            && timeout(stop::CLOSE_TIME, engine.close()).await.is_err()
        {
            tracing::warn!(
                "the database was not closed in time; nothing is lost, but a copy needs its -wal file too"
            );
        }
    }

    /// What the texts of mails depend on.
    pub(super) fn site(&self) -> Site {
        Site {
            public_url: self.config.server.public_url.url().to_string(),
            name: self.config.site.name.clone(),
        }
    }

    /// The file of the master key.
    pub(super) fn key_file(&self) -> PathBuf {
        let named = self.config.database.master_key_file.clone();
        named.unwrap_or_else(|| self.config.server.data_dir.join("master.key"))
    }

    /// Reports that there was no data: in another directory than `serve`'s, a command works on another Latchkey.
    pub(super) fn note_if_new(&self) {
        if self.is_new() {
            self.output.note(format_args!(
                "There was no Latchkey in {}, so this creates one. To use another, name its directory with --data-dir.",
                self.data_dir().display()
            ));
        }
    }

    /// Whether there is neither a database nor a master key.
    pub(super) fn is_new(&self) -> bool {
        self.config.database.url.is_none()
            && !self.config.server.data_dir.join("latchkey.db").exists()
            && !self.key_file().exists()
    }

    /// The absolute path of the data directory.
    pub(super) fn data_dir(&self) -> PathBuf {
        let dir = &self.config.server.data_dir;
        std::path::absolute(dir).unwrap_or_else(|_| dir.clone())
    }

    /// The settings of the engine.
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        let rng = Rng::system().map_err(OpenError::from)?;
        Ok(self.config.engine_settings(clock(), rng))
    }
}

/// The system's clock. End-to-end tests shift it while the program runs (`LATCHKEY_TEST_CLOCK` names the file of
/// [`Clock::shifted_by`]); release builds ignore the variable.
pub(super) fn clock() -> Clock {
    #[cfg(debug_assertions)]
    if let Some(file) = std::env::var_os("LATCHKEY_TEST_CLOCK") {
        return Clock::shifted_by(file.into());
    }
    Clock::system()
}
