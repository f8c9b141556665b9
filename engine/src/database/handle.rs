//! Where rows are read and written: what stores take.

use crate::{Engine, Result, database::lane::WritePermit};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

/// What rows can be read through.
pub(crate) trait Reads: Sync {
    /// The connection.
    type Connection: ConnectionTrait;

    fn connection(&self) -> &Self::Connection;
}

/// What rows can be written through: a change, or the write permit.
pub(crate) trait Writes: Reads {}

/// The connections with which a lane reads.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'e>(&'e DatabaseConnection);

impl Engine {
    /// What this lane reads with. Within a change, the change itself is read with.
    pub(crate) fn read(&self) -> Reader<'_> {
        Reader(self.db())
    }
}

impl<'e> From<&'e DatabaseConnection> for Reader<'e> {
    fn from(connection: &'e DatabaseConnection) -> Self {
        Self(connection)
    }
}

impl Reads for Reader<'_> {
    type Connection = DatabaseConnection;

    fn connection(&self) -> &DatabaseConnection {
        self.0
    }
}

/// Begins a transaction on the connection that writes.
pub(crate) async fn begin(write: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    write.begin().await
}

impl WritePermit<'_> {
    /// Several statements that commit together. What they read is true until they commit: SQLite has one writer, and
    /// whoever begins is it at once.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.db().begin_with_options(options).await?)
    }
}

impl Reads for WritePermit<'_> {
    type Connection = DatabaseConnection;

    fn connection(&self) -> &DatabaseConnection {
        self.db()
    }
}

impl Writes for WritePermit<'_> {}

impl Reads for DatabaseConnection {
    type Connection = Self;

    fn connection(&self) -> &Self {
        self
    }
}

impl Reads for DatabaseTransaction {
    type Connection = Self;

    fn connection(&self) -> &Self {
        self
    }
}

impl Writes for DatabaseTransaction {}
