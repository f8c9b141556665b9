//! Token families in memory.

use super::bounded_cache::LastUsed;
use crate::{Engine, Result, tokens::store};
use latchkey_domain::{id::TokenFamilyId, tokens::family::TokenFamily};
use std::sync::Arc;

/// A family as verify needs it.
pub(crate) struct CachedFamily {
    family: Arc<TokenFamily>,
    loaded_at: i64,
}

impl LastUsed for CachedFamily {
    fn used_at(&self) -> i64 {
        self.loaded_at
    }
}

impl Engine {
    /// A family that has not ended, from memory or by one indexed query. Only tokens that we signed name one, so what is
    /// missing is not remembered. The number of its refresh token may be an old one.
    pub(crate) async fn cached_family(
        &self,
        id: TokenFamilyId,
    ) -> Result<Option<Arc<TokenFamily>>> {
        let snapshot = &self.inner.snapshot;
        let now = self.now();
        let known = snapshot
            .token_families
            .read(&id, |cached| Arc::clone(&cached.family));
        let family = match known {
            Some(family) => Some(family),
            None => Box::pin(self.load_family(id)).await?,
        };
        Ok(family.filter(|family| now < family.expires_at))
    }

    async fn load_family(&self, id: TokenFamilyId) -> Result<Option<Arc<TokenFamily>>> {
        let snapshot = &self.inner.snapshot;
        let generation = snapshot.generation();
        let Some(family) = store::family::find(&self.read(), id).await? else {
            return Ok(None);
        };
        let family = Arc::new(family);
        snapshot.keep_if_current(generation, || {
            let cached = CachedFamily {
                family: Arc::clone(&family),
                loaded_at: self.now().unix_timestamp(),
            };
            snapshot.token_families.insert(id, cached);
        });
        Ok(Some(family))
    }
}
