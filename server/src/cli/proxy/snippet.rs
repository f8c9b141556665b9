//! `latchkey proxy snippet`

use crate::cli::{Context, OPERATOR, failure::Failure};
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use latchkey_app::snippet::{self, Proxy, SnippetContext};
use latchkey_engine::Error;
use serde::Serialize;
use std::process::ExitCode;

/// Prints ready configuration for a service.
#[derive(Args)]
pub(in crate::cli) struct Snippet {
    /// The service
    service: String,
    /// The proxy
    #[arg(long = "for", value_name = "PROXY", value_parser = proxies())]
    proxy: Proxy,
}

/// Reads the identifier of a proxy, and lists all of them in the help.
fn proxies() -> impl TypedValueParser<Value = Proxy> {
    PossibleValuesParser::new(Proxy::ALL.map(Proxy::slug)).try_map(|slug| slug.parse())
}

#[derive(Serialize)]
struct Files {
    items: Vec<File>,
}

#[derive(Serialize)]
struct File {
    path: String,
    text: String,
}

impl Snippet {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let Self { service, proxy } = self;
        let service = engine.service(&OPERATOR, &service).await?;
        let site = SnippetContext {
            service: &service.name,
            hosts: &service.hosts,
            is_https: engine.public_url().scheme() == "https",
            internal_config: &context.config.internal_config(),
        };
        let files: Vec<_> = snippet::files(proxy, &site)
            .map_err(Error::internal)?
            .into_iter()
            .map(|file| File {
                path: file.path,
                text: file.text,
            })
            .collect();
        // One file alone can be written where it belongs with `>`; several are told apart.
        let text = match files.as_slice() {
            [file] => file.text.trim_end().to_owned(),
            files => files
                .iter()
                .map(|file| format!("=== {}\n{}\n", file.path, file.text))
                .collect(),
        };
        context.output.print(text, &Files { items: files })
    }
}
