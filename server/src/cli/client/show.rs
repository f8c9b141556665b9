//! Listing and showing clients.

use crate::cli::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    table::{Table, minute, minute_or_dash},
};
use latchkey_domain::tokens::client::ClientView;
use std::process::ExitCode;

pub(super) async fn list(context: &Context, args: ListArgs) -> Result<ExitCode, Failure> {
    let query = args.query(&["name", "kind", "created"], &[])?;
    let engine = context.engine().await?;
    let page = engine.list_clients(&OPERATOR, &query).await?;
    list::print(
        context.output,
        &page,
        ["name", "kind", "audiences", "scopes", "client_id"],
        |client| {
            [
                client.name.to_string(),
                client.kind.as_str().to_owned(),
                joined(client.audiences.iter()),
                client.scopes.to_string(),
                client.id.to_string(),
            ]
        },
    )
}

pub(super) async fn show(context: &Context, client: &str) -> Result<ExitCode, Failure> {
    let client = context.engine().await?.client(&OPERATOR, client).await?;
    context.output.print(text(&client), &client)
}

/// Values with spaces between.
fn joined(values: impl Iterator<Item = impl ToString>) -> String {
    let values: Vec<_> = values.map(|value| value.to_string()).collect();
    values.join(" ")
}

fn text(client: &ClientView) -> String {
    let mut secrets = Table::new(["secret", "created", "accepted until"]);
    for secret in &client.secrets {
        secrets.row([
            secret.label.clone(),
            minute(secret.created_at),
            minute_or_dash(secret.expires_at),
        ]);
    }
    let secrets = match client.secrets.is_empty() {
        true => String::new(),
        false => format!("\n\n{secrets}"),
    };
    let uris: String = client
        .redirect_uris
        .iter()
        .map(|uri| format!("\nredirect URI: {uri}"))
        .collect();
    let keys = if client.has_keys {
        "\nauthenticates with keys of its own"
    } else {
        ""
    };
    let dpop = if client.requires_dpop {
        ", bound to a key"
    } else {
        ""
    };
    format!(
        "{}\nclient_id: {}\n{}; grants: {}\naudiences: {}\nscopes: {}{uris}\ntokens: {}, valid for {} s{dpop}{keys}\nadded {}{secrets}",
        client.name,
        client.id,
        client.kind.as_str(),
        joined(client.grant_types.iter().map(|one| one.as_str())),
        joined(client.audiences.iter()),
        client.scopes,
        client.algorithm.as_str(),
        client.token_seconds,
        minute(client.created_at),
    )
}
