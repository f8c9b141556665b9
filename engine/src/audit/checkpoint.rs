//! Checkpoints of the audit log: the chain alone does not show that its end was cut off, because whoever can write the
//! database can move the head back too. What was signed and kept elsewhere does.
//!
//! 1. A checkpoint is made by walking the log: nothing is signed of a chain that does not hold.
//! 2. It is a JWS in Compact Serialization (RFC 7515 §7.1) with ES256, `typ` [`TYP`], `kid` the key's thumbprint
//!    (RFC 7638), and the claims `iss` (our public address), `iat`, `seq`, `hash` and `digest`; one a line.
//! 3. The log, or an exported copy of it, is compared with checkpoints entry by entry.

mod comparison;
mod keys;

pub(crate) use comparison::Comparer;
pub use comparison::{CheckpointFault, Comparison};
pub use keys::{CheckpointJwk, CheckpointKeys, CheckpointKeysError, ReadCheckpoint};

use crate::{
    ChainReport, Engine, Error, Result, audit,
    audit::chain::{self, Link},
    audit::tombstone::Beginning,
    database,
    keys::purpose::KeyPurpose,
};
use latchkey_domain::{
    access::permission::{AuditRead, Authorizes, Operator},
    audit::checkpoint::{Checkpoint, Problem},
};
use latchkey_jose::sign;
use serde::{Deserialize, Serialize};

/// The type of our checkpoints, so that nothing else that we sign is taken for one.
const TYP: &str = "latchkey-checkpoint+jwt";

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    iat: i64,
    seq: i64,
    hash: String,
    digest: String,
}

/// A checkpoint with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedCheckpoint {
    /// What it says.
    #[serde(flatten)]
    pub checkpoint: Checkpoint,
    /// The text to keep: a JWS in Compact Serialization.
    #[serde(rename = "checkpoint")]
    pub text: String,
}

/// What came of making a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checkpointed {
    /// It was made.
    Made(SignedCheckpoint),
    /// The log is where it was at the last one.
    Unmoved,
    /// The chain does not hold at this entry, so nothing was signed.
    Broken {
        /// Its place.
        seq: i64,
    },
    /// The log does not go on from the last checkpoint, so nothing was signed.
    Unfit(Problem),
}

impl Engine {
    /// Checks the chain and signs how far it has come. With the checkpoint `last`, one that this process made or whose
    /// signature it checked, only what came since is walked; the log must still lead on from there.
    ///
    /// # Errors
    /// Internal only.
    pub async fn checkpoint(
        &self,
        _operator: &Operator,
        last: Option<&Checkpoint>,
    ) -> Result<Checkpointed> {
        let from = match last {
            Some(last) => match self.place_of(last).await? {
                Ok(link) => link,
                Err(problem) => return Ok(Checkpointed::Unfit(problem)),
            },
            None => None,
        };
        self.seal_events_to_read().await;
        let mut walk = match from {
            Some(link) => self.walk(link).await?,
            None => self.walk_all().await?,
        };
        while !walk.next().await?.is_empty() {}
        match (walk.report(), last) {
            (ChainReport::Broken { seq }, _) => Ok(Checkpointed::Broken { seq }),
            (_, Some(last)) if last.seq == walk.at().seq => Ok(Checkpointed::Unmoved),
            _ => (self.sign_checkpoint(walk.at()).await).map(Checkpointed::Made),
        }
    }

    /// The place of a checkpoint in the log, if its entry is still there; `None` for the beginning, before which it is.
    async fn place_of(
        &self,
        last: &Checkpoint,
    ) -> Result<std::result::Result<Option<Link>, Problem>> {
        let Some(link) = Link::of(last) else {
            return Ok(Err(Problem::Unreadable));
        };
        if link.seq == 0 {
            return Ok(Ok(None));
        }
        if let Beginning::After(tombstone, at, _) = self.beginning().await?
            && link.seq <= tombstone.seq
        {
            let is_other = link.seq == at.seq && link != at;
            return Ok(match is_other {
                true => Err(Problem::Rewritten),
                false => Ok(None),
            });
        }
        let row = audit::store::after(&self.read(), link.seq - 1, 1)
            .await?
            .pop();
        let row = row.filter(|row| row.seq == link.seq);
        Ok(match row {
            None => Err(Problem::Truncated),
            Some(row) if row.hash == link.hash && chain::is_ours(&self.inner.keys, &row) => {
                Ok(Some(link))
            }
            Some(_) => Err(Problem::Rewritten),
        })
    }

    /// Signs a place in the log that was walked to.
    pub(crate) async fn sign_checkpoint(&self, link: &Link) -> Result<SignedCheckpoint> {
        let keys = self.newest_signing_keys().await?;
        let (_, key) = keys.current(KeyPurpose::AuditCheckpoint)?;
        let time = self.now();
        let checkpoint = Checkpoint {
            time: database::at(time.unix_timestamp()),
            seq: link.seq,
            hash: link.hash_text(),
            digest: link.digest_text(),
        };
        let text = sign(
            key,
            TYP,
            &Claims {
                iss: self.public_url().as_str().trim_end_matches('/').to_owned(),
                iat: time.unix_timestamp(),
                seq: link.seq,
                hash: checkpoint.hash.clone(),
                digest: checkpoint.digest.clone(),
            },
        )
        .map_err(Error::internal)?;
        Ok(SignedCheckpoint { checkpoint, text })
    }

    /// Recomputes the chain from its beginning to the head and compares it with checkpoints.
    ///
    /// # Errors
    /// Internal only.
    pub async fn verify_audit_log(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        checkpoints: &[ReadCheckpoint],
    ) -> Result<(ChainReport, Comparison)> {
        self.seal_events_to_read().await;
        let mut comparer = Comparer::new(checkpoints);
        let mut walk = self.walk_all().await?;
        comparer.start_at(walk.at());
        loop {
            let steps = walk.next().await?;
            if steps.is_empty() {
                return Ok((walk.report(), comparer.finish()));
            }
            for (_, link) in &steps {
                comparer.pass(link);
            }
        }
    }
}
