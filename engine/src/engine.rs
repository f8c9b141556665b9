//! The engine: what every use case shares, and how it is opened and closed.

use crate::{
    Clock, DataFault, MasterKeyFault, OpenError, RedisUrl, Rng, audit,
    audit::verification::LastVerification,
    cache,
    cache::snapshot::Snapshot,
    database,
    database::data_dir,
    database::lane::{Lane, WriteQueue},
    database::{DatabaseFile, Pools, Schema},
    ephemeral::{one_time::OneTime, redis::marks::RedisMarks, store::EphemeralStore},
    error::chain,
    identity::passkey::metadata::TrustedModels,
    keys::{
        keyring::Keyring, master_key_file, provision::Provisioner, reseal::Progress,
        signing::SigningKeys,
    },
    relying_party::{self, PasskeySettings},
    risk::{settings::RiskSettings, state::RiskState},
    throttle::refusal_log::Refusals,
    tokens::quota::TokenQuota,
    tokens::recording::TokenIssue,
    unit_of_work::{Expectation, GroupQueue},
};
use arc_swap::ArcSwap;
use latchkey_domain::{
    identity::user::PasskeyOnly, request::host::Host, request::return_to::ReturnTo,
    risk::behaviour::report::BehaviourReport,
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use time::{Duration, OffsetDateTime};
use url::Url;
use webauthn_rs::Webauthn;

/// Everything that an engine must be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the database, the master key and anything else of ours lives.
    pub data_dir: PathBuf,
    /// A database other than the embedded one.
    pub database_url: Option<String>,
    /// A Redis server for marks of credentials that are accepted once.
    pub redis_url: Option<RedisUrl>,
    /// A master key file other than `<data_dir>/master.key`.
    pub master_key_file: Option<PathBuf>,
    /// The address under which users reach the public listener; gives the relying party's id.
    pub public_url: Url,
    /// The name shown in authenticator apps and passkey dialogs.
    pub site_name: String,
    /// Who signs in with passkeys only.
    pub passkey_only: PasskeyOnly,
    /// Whether users get mails: only then are any written.
    pub sends_mail: bool,
    /// How long a device in recovery waits before it may add a passkey.
    pub recovery_cooling_off: Duration,
    /// Whether its user also confirms a recovery by mail.
    pub recovery_confirms_by_mail: bool,
    /// What is accepted of passkeys besides the rules that always hold.
    pub passkeys: PasskeySettings,
    /// For how long a key for tokens signs before the next one does; `None` until somebody rotates it.
    pub key_rotation: Option<Duration>,
    /// How unusual sign-ins are assessed.
    pub risk: RiskSettings,
    /// Tells the time.
    pub clock: Clock,
    /// Makes random bytes.
    pub rng: Rng,
}

impl Settings {
    /// The master key's file.
    pub(crate) fn key_file(&self) -> PathBuf {
        let named = self.master_key_file.clone();
        named.unwrap_or_else(|| self.data_dir.join("master.key"))
    }
}

/// The use cases; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
    pub(crate) lane: Lane,
    /// As what a resource must be when a change is made.
    pub(crate) expectation: Option<Arc<Expectation>>,
    /// Set when a commit begins, for a caller who has to know.
    pub(crate) begun_commit: Option<Arc<AtomicBool>>,
    /// Counts requests for tokens when it is known whose they are.
    pub(crate) token_quota: Option<Arc<dyn TokenQuota>>,
    /// What the page of this request sent about the behaviour of whoever sits in front of it.
    pub(crate) behaviour: Option<Arc<BehaviourReport>>,
}

impl Engine {
    pub(crate) const fn of(inner: Arc<Inner>, lane: Lane) -> Self {
        Self {
            inner,
            lane,
            expectation: None,
            begun_commit: None,
            token_quota: None,
            behaviour: None,
        }
    }
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    data_faults: Vec<DataFault>,
    pub(crate) pools: Pools,
    pub(crate) database_file: Option<DatabaseFile>,
    pub(crate) keys: Keyring,
    pub(crate) signing: ArcSwap<SigningKeys>,
    /// How far sealing again under the active master key has come.
    pub(crate) reseal: Mutex<Progress>,
    pub(crate) ephemeral: EphemeralStore,
    pub(crate) webauthn: Webauthn,
    /// The models that are accepted, if authenticators must attest theirs.
    pub(crate) trusted_models: Option<TrustedModels>,
    pub(crate) risk: RiskState,
    pub(crate) snapshot: Snapshot,
    pub(crate) refusals: Refusals,
    /// Whether this process wrote events that it did not seal yet.
    pub(crate) has_unsealed: AtomicBool,
    pub(crate) verification: LastVerification,
    pub(crate) writing: WriteQueue,
    pub(crate) token_issues: GroupQueue<TokenIssue>,
    pub(crate) uses: GroupQueue<OneTime>,
    /// Whether the connections were closed: from then on nothing is read or written.
    pub(crate) is_closed: AtomicBool,
    /// When the last successful read of invalidations began; held by who reads.
    pub(crate) polled: tokio::sync::Mutex<Option<std::time::Instant>>,
}

impl Engine {
    /// Opens the data directory: makes what is missing, migrates the database, reads the keys.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        Self::open_with(settings, Schema::BroughtUpToDate).await
    }

    /// Opens what is there to back it up, and makes nothing: the server beside it may be an older one, and who makes a backup
    /// before an upgrade wants one that the older version can restore. Nothing else may be asked of it.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_to_back_up(settings: Settings) -> Result<Self, OpenError> {
        Self::open_with(settings, Schema::AsItIs).await
    }

    async fn open_with(settings: Settings, schema: Schema) -> Result<Self, OpenError> {
        let webauthn = relying_party::new(
            &settings.public_url,
            &settings.site_name,
            &settings.passkeys.related_origins,
        )?;
        let trusted_models = TrustedModels::of_settings(&settings)?;
        let mut data_faults = data_dir::prepare(&settings.data_dir)?;
        let key_file = settings.key_file();
        let mut found = master_key_file::read(&key_file)?;
        data_faults.extend(found.as_mut().and_then(|found| found.fault.take()));
        // Beside the database there is no key before the database is complete. Elsewhere there may be one that somebody brought.
        let is_begun = settings.master_key_file.is_none() || schema == Schema::AsItIs;
        let its_key = (found.as_ref())
            .filter(|found| is_begun || found.has_database)
            .map(|_| key_file.as_path());
        let url = database::url::of_settings(settings.database_url.as_deref(), &settings.data_dir);
        if found.is_none() && schema == Schema::AsItIs {
            return Err(no_key(&key_file));
        }
        let pools = database::open(&url, its_key, schema)
            .await
            .map_err(|cause| database::explain(&url, cause))?;
        let keys = match found {
            Some(found) => found.keys,
            None => first_key(&pools, &key_file, &settings.rng).await?,
        };
        let provisioner = Provisioner {
            keys: &keys,
            rng: &settings.rng,
            now: settings.clock.now().unix_timestamp(),
        };
        let provisioned = match schema {
            Schema::BroughtUpToDate => provisioner.run(&pools.write).await,
            Schema::AsItIs => provisioner.run_dry(&pools.write).await,
        };
        let provisioned = provisioned.map_err(|cause| cause.into_open_error(&key_file))?;
        let keys = keys.with_retired(provisioned.retired);
        let seen = match schema {
            Schema::BroughtUpToDate => cache::store::newest(&pools.write).await?,
            // Nothing is answered from memory.
            Schema::AsItIs => 0,
        };
        let started_in = (schema == Schema::BroughtUpToDate).then_some(&pools.write);
        let risk = RiskState::open(&settings.risk, started_in, settings.clock.now()).await?;
        let redis = settings.redis_url.clone().map(|url| {
            let (clock, rng) = (settings.clock.clone(), settings.rng.clone());
            RedisMarks::new(url, settings.public_url.as_str(), clock, rng)
        });
        Ok(Self::of(
            Arc::new(Inner {
                settings,
                data_faults,
                pools,
                database_file: DatabaseFile::of(&url),
                keys,
                signing: ArcSwap::from_pointee(provisioned.signing),
                reseal: Mutex::default(),
                ephemeral: EphemeralStore::new(redis),
                webauthn,
                trusted_models,
                risk,
                snapshot: Snapshot::new(seen),
                refusals: Refusals::default(),
                has_unsealed: AtomicBool::default(),
                verification: LastVerification::default(),
                writing: WriteQueue::default(),
                token_issues: GroupQueue::default(),
                uses: GroupQueue::default(),
                is_closed: AtomicBool::new(false),
                polled: tokio::sync::Mutex::default(),
            }),
            Lane::default(),
        ))
    }

    /// How others could reach the data when it was opened, if that did not prevent it.
    #[must_use]
    pub fn data_faults(&self) -> &[DataFault] {
        &self.inner.data_faults
    }

    /// Writes what is still in memory.
    pub async fn flush(&self) {
        self.write_uses().await;
        self.write_refusals(true).await;
        // Not in a copy of a database that is only looked at.
        if self.inner.has_unsealed.load(Ordering::Relaxed) {
            self.seal_events_to_read().await;
        }
    }

    /// Writes what is still in memory and closes the database, so that its file alone has everything; call before the process
    /// ends. Nothing can be asked afterwards.
    pub async fn close(&self) {
        if self.is_closed() {
            return;
        }
        self.flush().await;
        self.inner.is_closed.store(true, Ordering::SeqCst);
        if let Err(cause) = self.close_database().await {
            tracing::warn!(error = %chain(&cause), "the database was not closed as it should be; nothing is lost, but copy its -wal file along");
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.is_closed.load(Ordering::SeqCst)
    }

    /// Now, by the engine's clock.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.inner.settings.clock.now()
    }

    /// A key for the web layer's own sealed cookies.
    #[must_use]
    pub fn web_key(&self) -> [u8; 64] {
        self.inner.keys.web()
    }

    /// The address under which users reach Latchkey.
    #[must_use]
    pub fn public_url(&self) -> &Url {
        &self.inner.settings.public_url
    }

    /// Where somebody may be sent after signing in: to a path of ours or the host of a service, looked up in
    /// memory, because anonymous clients ask. `text` may be the name of a target that is kept.
    ///
    /// # Errors
    /// [`crate::Error::Internal`] only.
    pub async fn return_target(&self, text: &str) -> crate::Result<Option<ReturnTo>> {
        let Some(text) = self.resolve_target(text).await? else {
            return Ok(None);
        };
        let parse = |is_known: &dyn Fn(&Host, bool) -> bool| {
            ReturnTo::parse_where(&text, self.public_url().scheme() == "http", is_known)
        };
        // Whatever host it may name: what is refused anyway, and our own paths, need no look-up.
        match parse(&|_, _| true) {
            Some(target) if target.host().is_some() => {
                self.in_service_index(|index| {
                    parse(&|host, is_https| index.of_host(host, is_https).is_some())
                })
                .await
            }
            other => Ok(other),
        }
    }

    /// Whether the database answers and invalidations are being read: what `/readyz` says.
    pub async fn is_ready(&self) -> bool {
        self.inner.snapshot.is_fresh() && audit::store::head(&self.inner.pools.log).await.is_ok()
    }
}

/// The master key of a new database. Of processes that start together, one makes it: whoever has the log's head to write.
async fn first_key(pools: &Pools, path: &Path, rng: &Rng) -> Result<Keyring, OpenError> {
    let tx = database::begin(&pools.write).await?;
    let head = audit::store::take_head(&tx).await?;
    let keys = match master_key_file::read(path)? {
        Some(found) => found.keys,
        None if head.seq == 0 => master_key_file::make(path, rng)?,
        // With a new key it would start, but reject every device.
        None => return Err(no_key(path)),
    };
    tx.commit().await?;
    Ok(keys)
}

fn no_key(path: &Path) -> OpenError {
    OpenError::MasterKey {
        path: path.to_owned(),
        fault: MasterKeyFault::Missing,
    }
}
