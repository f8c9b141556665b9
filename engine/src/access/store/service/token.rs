//! Service tokens' rows.

crate::keys::secret_rows::secret_rows!("service_tokens", service_id: ServiceId, ServiceId);

/// How many tokens a service has.
pub(crate) async fn count_by_service(db: &impl Reads, service: ServiceId) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::ServiceId.eq(service.uuid()))
        .count(db.connection())
        .await?)
}
