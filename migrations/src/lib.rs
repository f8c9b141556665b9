//! The database schema, one file a step. What a step makes never changes once released; a new step is added.
//! Each can be done again after it was done in part.
//!
//! Times are whole seconds since the Unix epoch in 64-bit integers, so that every database
//! compares them alike; ids are UUIDs; digests and sealed values are bytes.
#![forbid(unsafe_code)]

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

mod m20261121_000001_people;
mod m20261121_000002_services;
mod m20261121_000003_ceremonies;
mod m20261121_000004_audit;
mod m20261121_000005_rules;
mod m20261125_000006_changes;
mod m20261125_000007_attempts;
mod m20261125_000008_authority;
mod m20261126_000009_invalidations;
mod m20261126_000010_auth_method;
mod m20261126_000011_lengths;
mod m20261126_000020_keys;
mod m20261126_000021_purposes;
mod m20261126_000022_unsealed;
mod m20261126_000023_clients;
mod m20261126_000024_token_families;
mod m20261126_000025_roles;
mod m20261126_000026_token_reuse;
mod m20261126_000027_native_devices;
mod m20261126_000028_dpop_nonces;
mod m20261126_000030_aaguids;
mod m20261127_000031_notifications;
mod m20261127_000032_device_approvals;
mod m20261127_000033_recovery;
mod m20261127_000034_audit_filters;
mod m20261127_000035_recovery_mails;
mod m20261127_000036_acting_devices;
mod m20261127_000037_risk;
mod m20261127_000038_behaviour;
mod m20261127_000039_continuous_risk;
mod m20261127_000040_risk_indices;
mod m20261127_000041_reminders;
mod repeatable;

/// Each step and the row that says that it was done commit together, where the database can (SQLite, PostgreSQL): a
/// process that is killed in the middle of one leaves nothing of it behind, and the next start does it. Elsewhere the
/// next start does what is left of it (`repeatable.rs`).
const IN_TRANSACTION: Option<bool> = Some(true);

/// Applies the steps in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_people::Migration),
            Box::new(m20261121_000002_services::Migration),
            Box::new(m20261121_000003_ceremonies::Migration),
            Box::new(m20261121_000004_audit::Migration),
            Box::new(m20261121_000005_rules::Migration),
            Box::new(m20261125_000006_changes::Migration),
            Box::new(m20261125_000007_attempts::Migration),
            Box::new(m20261125_000008_authority::Migration),
            Box::new(m20261126_000009_invalidations::Migration),
            Box::new(m20261126_000010_auth_method::Migration),
            Box::new(m20261126_000011_lengths::Migration),
            Box::new(m20261126_000020_keys::Migration),
            Box::new(m20261126_000021_purposes::Migration),
            Box::new(m20261126_000022_unsealed::Migration),
            Box::new(m20261126_000023_clients::Migration),
            Box::new(m20261126_000024_token_families::Migration),
            Box::new(m20261126_000025_roles::Migration),
            Box::new(m20261126_000026_token_reuse::Migration),
            Box::new(m20261126_000027_native_devices::Migration),
            Box::new(m20261126_000028_dpop_nonces::Migration),
            Box::new(m20261126_000030_aaguids::Migration),
            Box::new(m20261127_000031_notifications::Migration),
            Box::new(m20261127_000032_device_approvals::Migration),
            Box::new(m20261127_000033_recovery::Migration),
            Box::new(m20261127_000034_audit_filters::Migration),
            Box::new(m20261127_000035_recovery_mails::Migration),
            Box::new(m20261127_000036_acting_devices::Migration),
            Box::new(m20261127_000037_risk::Migration),
            Box::new(m20261127_000038_behaviour::Migration),
            Box::new(m20261127_000039_continuous_risk::Migration),
            Box::new(m20261127_000040_risk_indices::Migration),
            Box::new(m20261127_000041_reminders::Migration),
        ]
    }
}
