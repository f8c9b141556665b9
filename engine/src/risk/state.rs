//! What a process keeps of risk, and what scores do now.

use super::{
    block_lists::BlockLists,
    location::Locations,
    returns::Returns,
    settings::{RiskMode, RiskSettings},
    store,
    turns::Turns,
    use_mark::UseMarks,
};
use crate::Engine;
use latchkey_domain::risk::Mode;
use sea_orm::{DatabaseConnection, DbErr};
use time::{Duration, OffsetDateTime};

/// How long scores are only recorded after the first start: as long as a baseline needs.
const SHADOW: Duration = Duration::days(14);

/// What a process keeps of risk.
pub(crate) struct RiskState {
    pub(super) locations: Locations,
    pub(super) block_lists: BlockLists,
    pub(super) returns: Returns,
    pub(super) turns: Turns,
    pub(super) marks: UseMarks,
    /// The first start of this installation that knew of risk; `None` in a copy that is only looked at.
    started_at: Option<OffsetDateTime>,
}

impl RiskState {
    /// Notes the first start; the files are read when they are needed.
    pub(crate) async fn open(
        settings: &RiskSettings,
        db: Option<&DatabaseConnection>,
        now: OffsetDateTime,
    ) -> Result<Self, DbErr> {
        let started_at = match db {
            Some(db) => Some(store::start::first(db, now).await?),
            None => None,
        };
        Ok(Self {
            locations: Locations::new(settings.location_file.clone()),
            block_lists: BlockLists::new(&settings.block_lists),
            returns: Returns::default(),
            turns: Turns::default(),
            marks: UseMarks::default(),
            started_at,
        })
    }
}

impl Engine {
    /// What scores do now.
    #[must_use]
    pub fn risk_mode(&self) -> Mode {
        match (self.inner.settings.risk.mode, self.inner.risk.started_at) {
            (RiskMode::Fixed(mode), _) => mode,
            (RiskMode::Automatic, Some(start)) if self.now() >= start + SHADOW => Mode::Enforce,
            (RiskMode::Automatic, _) => Mode::Shadow,
        }
    }

    /// When scores begin to ask for something, if they do not yet.
    #[must_use]
    pub fn risk_enforced_from(&self) -> Option<OffsetDateTime> {
        match self.inner.settings.risk.mode {
            RiskMode::Automatic if self.risk_mode() == Mode::Shadow => {
                self.inner.risk.started_at.map(|start| start + SHADOW)
            }
            RiskMode::Automatic | RiskMode::Fixed(_) => None,
        }
    }

    /// Reads files again that changed.
    pub(crate) async fn reload_risk_files(&self) {
        let engine = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            engine.inner.risk.locations.reload();
            engine.inner.risk.block_lists.reload();
        });
        if let Err(cause) = read.await {
            tracing::warn!(%cause, "the files of addresses could not be read again");
        }
    }
}
