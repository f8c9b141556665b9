//! Listing users.

use crate::cli::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    table::minute_or_dash,
};
use std::process::ExitCode;

pub(super) async fn run(context: &Context, args: ListArgs) -> Result<ExitCode, Failure> {
    let columns = ["email", "name", "created", "last_seen"];
    let statuses = [
        "active",
        "invited",
        "disabled",
        "open_link",
        "admin",
        "auditor",
        "helper",
        "member",
    ];
    let query = args.query(&columns, &statuses)?;
    let page = context
        .engine()
        .await?
        .list_users(&OPERATOR, &query)
        .await?;
    list::print(
        context.output,
        &page,
        [
            "email",
            "name",
            "role",
            "status",
            "devices",
            "passkeys",
            "last seen",
        ],
        |user| {
            [
                user.email.to_string(),
                user.name.to_string(),
                user.role.to_string(),
                user.status.as_str().to_owned(),
                user.devices.to_string(),
                user.passkeys.to_string(),
                minute_or_dash(user.last_seen_at),
            ]
        },
    )
}
