//! Client secrets' rows.

crate::keys::secret_rows::secret_rows!("client_secrets", client_id: ClientId, ClientId);

/// Whether the secret of this label is its client's, and accepted at `now`.
pub(crate) async fn is_accepted(
    db: &impl Reads,
    label: &str,
    client: ClientId,
    now: OffsetDateTime,
) -> Result<bool> {
    let row = Entity::find_by_id(label.to_owned()).one(db.connection());
    Ok(row.await?.is_some_and(|row| {
        row.client_id == client.uuid()
            && row.expires_at.is_none_or(|end| now.unix_timestamp() < end)
    }))
}
