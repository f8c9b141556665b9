//! All clients with their secrets, as the token endpoint and verify need them: they are few, so they are loaded together, and
//! dropped together when one changes.

use crate::{
    Engine, Result,
    keys::{
        purpose::KeyPurpose,
        rotating_secret::{SecretIndex, SecretKind},
    },
    tokens::store,
};
use latchkey_domain::{id::ClientId, tokens::client::Client};
use std::{collections::HashMap, sync::Arc};

/// All clients and their secrets.
pub(crate) struct ClientIndex {
    pub(crate) clients: HashMap<ClientId, Client>,
    pub(crate) secrets: SecretIndex<ClientId>,
}

impl Engine {
    /// What `read` makes of the index, which is in memory or read from the database.
    pub(crate) async fn in_client_index<R>(
        &self,
        read: impl FnOnce(&ClientIndex) -> R,
    ) -> Result<R> {
        if let Some(index) = self.inner.snapshot.client_index.load().as_deref() {
            return Ok(read(index));
        }
        let index = Box::pin(self.load_client_index()).await?;
        Ok(read(&index))
    }

    async fn load_client_index(&self) -> Result<Arc<ClientIndex>> {
        let snapshot = &self.inner.snapshot;
        let generation = snapshot.generation();
        let clients = store::client::all(&self.read()).await?;
        for client in &clients {
            self.find_keys(KeyPurpose::of_access_tokens(client.algorithm))
                .await?;
        }
        let secrets = store::client::secret::all(&self.read()).await?;
        let index = Arc::new(ClientIndex {
            clients: clients
                .into_iter()
                .map(|client| (client.id, client))
                .collect(),
            secrets: SecretIndex::new(SecretKind::ClientSecret, secrets),
        });
        snapshot.keep_if_current(generation, || {
            snapshot.client_index.store(Some(Arc::clone(&index)));
        });
        Ok(index)
    }
}
