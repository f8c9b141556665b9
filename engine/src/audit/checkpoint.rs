//! Checkpoints of the audit log: the chain alone does not show that its end was cut off, because whoever can write the
//! database can move the head back too. What was signed and kept elsewhere does.
//!
//! 1. A checkpoint is made by walking the log: nothing is signed of a chain that does not hold.
//! 2. It is a JWS in Compact Serialization (RFC 7515 §7.1) with ES256, `typ` [`TYP`], `kid` the key's thumbprint
//!    (RFC 7638), and the claims `iss` (our public address), `iat`, `seq`, `hash` and `digest`; one a line.
//! 3. The log, or an exported copy of it, is compared with checkpoints entry by entry.

use crate::{
    ChainReport, Engine, PublicKey, Result, audit,
    audit::chain::{self, Link},
    database,
    keys::jws::{Header, sign, thumbprint},
    keys::purpose::KeyPurpose,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::{
    access::permission::Administrator,
    audit::checkpoint::{Checkpoint, Problem},
};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use serde::{Deserialize, Serialize};

/// The type of our checkpoints, so that nothing else that we sign is taken for one.
const TYP: &str = "latchkey-checkpoint+jwt";

/// The longest text that can be a checkpoint: ours have about 500 bytes, and an address of at most 255 more.
const MAX_BYTES: usize = 2048;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadHeader {
    alg: String,
    typ: String,
    kid: String,
}

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

/// A line that was read as a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadCheckpoint {
    /// Its line, from 1.
    pub line: usize,
    /// What it says, if one of the keys signed it.
    pub checkpoint: std::result::Result<Checkpoint, Problem>,
}

/// A checkpoint and the log contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckpointFault {
    /// The checkpoint's line, from 1.
    pub line: usize,
    /// Its place in the log, if it could be read.
    pub seq: Option<i64>,
    /// What is wrong.
    pub problem: Problem,
}

/// What comparing a log with checkpoints found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// How many checkpoints fit.
    pub fit: u64,
    /// How many are of entries before those that were looked at.
    pub outside: u64,
    /// What does not fit, in the order of the log.
    pub faults: Vec<CheckpointFault>,
}

/// Compares checkpoints with places in the log, which come in order.
pub(crate) struct Comparer {
    /// The nearest one last.
    waiting: Vec<(usize, Checkpoint)>,
    found: Comparison,
}

impl Comparer {
    pub(crate) fn new(checkpoints: &[ReadCheckpoint]) -> Self {
        let (mut waiting, mut faults) = (Vec::new(), Vec::new());
        for ReadCheckpoint { line, checkpoint } in checkpoints {
            match checkpoint {
                Ok(checkpoint) => waiting.push((*line, checkpoint.clone())),
                Err(problem) => faults.push(CheckpointFault {
                    line: *line,
                    seq: None,
                    problem: *problem,
                }),
            }
        }
        waiting.sort_by_key(|(line, checkpoint)| std::cmp::Reverse((checkpoint.seq, *line)));
        Self {
            waiting,
            found: Comparison {
                fit: 0,
                outside: 0,
                faults,
            },
        }
    }

    pub(crate) fn pass(&mut self, link: &Link) {
        while let Some((line, checkpoint)) =
            (self.waiting).pop_if(|(_, checkpoint)| checkpoint.seq <= link.seq)
        {
            if checkpoint.seq < link.seq {
                self.found.outside += 1;
                continue;
            }
            let found = (link.hash_text(), link.digest_text());
            self.judge(line, &checkpoint, Some((&found.0, &found.1)));
        }
    }

    pub(crate) fn finish(mut self) -> Comparison {
        while let Some((line, checkpoint)) = self.waiting.pop() {
            self.judge(line, &checkpoint, None);
        }
        self.found
    }

    fn judge(&mut self, line: usize, checkpoint: &Checkpoint, found: Option<(&str, &str)>) {
        match checkpoint.compare(found) {
            Ok(()) => self.found.fit += 1,
            Err(problem) => self.found.faults.push(CheckpointFault {
                line,
                seq: Some(checkpoint.seq),
                problem,
            }),
        }
    }
}

/// The public keys that checkpoints are checked with.
#[derive(Debug, Clone)]
pub struct CheckpointKeys(Vec<CheckpointKey>);

#[derive(Debug, Clone)]
struct CheckpointKey {
    kid: String,
    key: VerifyingKey,
    /// The last entry of which it signs checkpoints, if a newer key came after it.
    last_entry: Option<i64>,
}

/// The text holds no key for checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no public key for ES256 in it; `latchkey audit keys` prints what is wanted")]
pub struct CheckpointKeysError;

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
    #[serde(default)]
    latchkey_last_entry: Option<i64>,
}

impl Jwk {
    fn key(&self) -> Option<CheckpointKey> {
        if (self.kty.as_str(), self.crv.as_str()) != ("EC", "P-256") {
            return None;
        }
        let (x, y) = (BASE64.decode(&self.x).ok()?, BASE64.decode(&self.y).ok()?);
        // SEC 1 §2.3.3: an uncompressed point.
        let key = VerifyingKey::from_sec1_bytes(&[&[4][..], &x, &y].concat()).ok()?;
        Some(CheckpointKey {
            kid: thumbprint(&key),
            key,
            last_entry: self.latchkey_last_entry,
        })
    }
}

impl CheckpointKeys {
    /// Keys from a JWK set (RFC 7517 §5); what is not for ES256 is left out.
    ///
    /// # Errors
    /// When none is left.
    pub fn parse(text: &str) -> std::result::Result<Self, CheckpointKeysError> {
        let set: Jwks = serde_json::from_str(text).map_err(|_| CheckpointKeysError)?;
        let keys: Vec<_> = set.keys.iter().filter_map(Jwk::key).collect();
        if keys.is_empty() {
            return Err(CheckpointKeysError);
        }
        Ok(Self(keys))
    }

    /// What a checkpoint says, if one of these keys signed it.
    ///
    /// # Errors
    /// [`Problem::Unreadable`], [`Problem::UnknownKey`], [`Problem::Forged`] and [`Problem::RetiredKey`].
    pub fn open(&self, text: &str) -> std::result::Result<Checkpoint, Problem> {
        let decode = |part: &str| BASE64.decode(part).map_err(|_| Problem::Unreadable);
        if text.len() > MAX_BYTES {
            return Err(Problem::Unreadable);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Problem::Unreadable)?;
        let (header, claims) = signed.split_once('.').ok_or(Problem::Unreadable)?;
        let header: ReadHeader =
            serde_json::from_slice(&decode(header)?).map_err(|_| Problem::Unreadable)?;
        if (header.alg.as_str(), header.typ.as_str()) != ("ES256", TYP) {
            return Err(Problem::Unreadable);
        }
        let CheckpointKey {
            key, last_entry, ..
        } = (self.0.iter())
            .find(|key| key.kid == header.kid)
            .ok_or(Problem::UnknownKey)?;
        let signature = Signature::from_slice(&decode(signature)?).map_err(|_| Problem::Forged)?;
        key.verify(signed.as_bytes(), &signature)
            .map_err(|_| Problem::Forged)?;
        let claims: Claims =
            serde_json::from_slice(&decode(claims)?).map_err(|_| Problem::Unreadable)?;
        if last_entry.is_some_and(|last_entry| claims.seq > last_entry) {
            return Err(Problem::RetiredKey);
        }
        Ok(Checkpoint {
            time: database::at(claims.iat),
            seq: claims.seq,
            hash: claims.hash,
            digest: claims.digest,
        })
    }

    /// The checkpoints in a text, one a line. A line may say more, as one of a system log does; empty lines and those
    /// that begin with `#` are left out, and any other without a checkpoint is unreadable: nobody can make one
    /// disappear by spoiling it.
    #[must_use]
    pub fn read(&self, text: &str) -> Vec<ReadCheckpoint> {
        let is_ours = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let open = |line: &str| {
            let found = line
                .split(|c| !is_ours(c))
                .find(|word| word.starts_with("eyJ") && word.matches('.').count() == 2);
            self.open(found.ok_or(Problem::Unreadable)?)
        };
        (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|(number, line)| ReadCheckpoint {
                line: number,
                checkpoint: open(line),
            })
            .collect()
    }
}

impl Engine {
    /// The keys with which others check checkpoints and exports; rotated ones stay.
    #[must_use]
    pub fn checkpoint_public_keys(&self) -> Vec<PublicKey> {
        let keys = self.signing_keys();
        keys.published(KeyPurpose::AuditCheckpoint)
            .filter_map(|(id, key, last)| PublicKey::new(id.to_owned(), key, last))
            .collect()
    }

    /// The same keys, to check with.
    #[must_use]
    pub fn checkpoint_keys(&self) -> CheckpointKeys {
        let keys = self.signing_keys();
        let published = keys.published(KeyPurpose::AuditCheckpoint);
        let keys = published.map(|(kid, key, last_entry)| CheckpointKey {
            kid: kid.to_owned(),
            key: *key,
            last_entry,
        });
        CheckpointKeys(keys.collect())
    }

    /// Checks the chain and signs how far it has come. With the checkpoint `last`, one that this process made or whose
    /// signature it checked, only what came since is walked; the log must still lead on from there.
    ///
    /// # Errors
    /// Internal only.
    pub async fn checkpoint(
        &self,
        _administrator: &Administrator,
        last: Option<&Checkpoint>,
    ) -> Result<Checkpointed> {
        let from = match last {
            Some(last) => match self.place_of(last).await? {
                Ok(link) => link,
                Err(problem) => return Ok(Checkpointed::Unfit(problem)),
            },
            None => Link::START,
        };
        self.seal_events_to_read().await;
        let mut walk = self.walk(from).await?;
        while !walk.next().await?.is_empty() {}
        match (walk.report(), last) {
            (ChainReport::Broken { seq }, _) => Ok(Checkpointed::Broken { seq }),
            (_, Some(last)) if last.seq == walk.at().seq => Ok(Checkpointed::Unmoved),
            _ => (self.sign_checkpoint(walk.at()).await).map(Checkpointed::Made),
        }
    }

    /// The place of a checkpoint in the log, if its entry is still there.
    async fn place_of(&self, last: &Checkpoint) -> Result<std::result::Result<Link, Problem>> {
        let Some(link) = Link::of(last) else {
            return Ok(Err(Problem::Unreadable));
        };
        if link.seq == 0 {
            return Ok(Ok(Link::START));
        }
        let row = audit::store::after(&self.read(), link.seq - 1, 1)
            .await?
            .pop();
        let row = row.filter(|row| row.seq == link.seq);
        Ok(match row {
            None => Err(Problem::Truncated),
            Some(row) if row.hash == link.hash && chain::is_ours(&self.inner.keys, &row) => {
                Ok(link)
            }
            Some(_) => Err(Problem::Rewritten),
        })
    }

    /// Signs a place in the log that was walked to.
    pub(crate) async fn sign_checkpoint(&self, link: &Link) -> Result<SignedCheckpoint> {
        let keys = self.newest_signing_keys().await?;
        let (id, key) = keys.current(KeyPurpose::AuditCheckpoint)?;
        let time = self.now();
        let checkpoint = Checkpoint {
            time: database::at(time.unix_timestamp()),
            seq: link.seq,
            hash: link.hash_text(),
            digest: link.digest_text(),
        };
        let text = sign(
            key,
            &Header {
                alg: "ES256",
                typ: TYP,
                kid: id,
            },
            &Claims {
                iss: self.public_url().as_str().trim_end_matches('/').to_owned(),
                iat: time.unix_timestamp(),
                seq: link.seq,
                hash: checkpoint.hash.clone(),
                digest: checkpoint.digest.clone(),
            },
        )?;
        Ok(SignedCheckpoint { checkpoint, text })
    }

    /// Recomputes the chain from its beginning to the head and compares it with checkpoints.
    ///
    /// # Errors
    /// Internal only.
    pub async fn verify_audit_log(
        &self,
        _administrator: &Administrator,
        checkpoints: &[ReadCheckpoint],
    ) -> Result<(ChainReport, Comparison)> {
        self.seal_events_to_read().await;
        let mut comparer = Comparer::new(checkpoints);
        let mut walk = self.walk(Link::START).await?;
        comparer.pass(walk.at());
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
