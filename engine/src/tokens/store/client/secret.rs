//! Client secrets' rows.

crate::keys::secret_rows::secret_rows!("client_secrets", client_id: ClientId, ClientId);
