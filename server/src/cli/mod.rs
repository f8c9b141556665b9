//! The command line: one module per noun, the same use cases as the pages; commands also work while a server
//! runs.
//!
//! Results go to standard output (`--json` for programs), errors to standard error. Exit codes: 0 done,
//! 1 refused or failed, 2 wrong usage (arguments, configuration), 3 the result could not be written.

mod audit;
mod backup;
mod client;
mod config;
mod confirm;
mod context;
mod descriptors;
mod device;
mod doctor;
mod expiry;
mod failure;
mod finding;
mod grant;
mod key;
mod list;
mod mail;
mod migrate;
mod native;
mod output;
mod passkey;
mod proxy;
mod reference;
mod restore;
mod risk;
mod role;
mod routes;
mod runtime;
mod serve;
mod service;
mod stop;
mod table;
mod tls;
mod token;
mod user;

use crate::{
    config::{Config, Inputs},
    log,
};
use clap::{Args, Parser, Subcommand, error::ErrorKind};
use context::Context;
use failure::Failure;
use latchkey_domain::access::permission::Operator;
use latchkey_engine::RequestOrigin;
use output::Output;
use std::{ffi::OsString, io, path::PathBuf, process::ExitCode};

#[derive(Parser)]
#[command(
    name = "latchkey",
    version,
    about = "A passwordless front door for everything behind a reverse proxy",
    max_term_width = 100
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// The arguments of every command.
#[derive(Args)]
struct Common {
    /// Read this configuration file [default: ./latchkey.toml, then the data directory's]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data directory [default: ./data; also LATCHKEY_DATA_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Serve browsers, proxies and services
    Serve(serve::Serve),
    /// Users
    #[command(subcommand)]
    User(user::User),
    /// Roles: what users may administer
    #[command(subcommand)]
    Role(role::Role),
    /// Devices
    #[command(subcommand)]
    Device(device::Device),
    /// Passkeys
    #[command(subcommand)]
    Passkey(passkey::Passkey),
    /// Services
    #[command(subcommand)]
    Service(service::Service),
    /// Grants: which users have access to which services
    #[command(subcommand)]
    Grant(grant::AccessGrant),
    /// Clients: programs that get access tokens
    #[command(subcommand)]
    Client(client::Client),
    /// Make this terminal a device of yours, which gets access tokens
    Login(native::Login),
    /// End what `login` began: revoke this terminal
    Logout(native::Logout),
    /// Tokens of programs that act for users
    #[command(subcommand)]
    Token(token::Token),
    /// How unusual sign-ins are, and which networks are blocked or allowed
    #[command(subcommand)]
    Risk(risk::Risk),
    /// Mails to users
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Signing keys
    #[command(subcommand)]
    Key(key::Key),
    /// Reverse proxies
    #[command(subcommand)]
    Proxy(proxy::Proxy),
    /// The audit log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Make a backup, also while a server runs
    Backup(backup::Backup),
    /// Restore a backup into an empty data directory
    Restore(restore::Restore),
    /// Migrate the database (serve does it too)
    Migrate,
    /// Check this installation for problems
    Doctor,
    /// The routes of the public listener and their policies
    #[command(hide = true)]
    Routes,
    /// The configuration
    #[command(subcommand)]
    Config(config::Configuration),
    /// Events and error codes as JSON, for the documentation
    #[command(hide = true)]
    Reference,
}

impl Command {
    /// Whether the command makes sense only with existing data.
    const fn expects_data(&self) -> bool {
        match self {
            Self::User(_)
            | Self::Role(_)
            | Self::Device(_)
            | Self::Passkey(_)
            | Self::Service(_)
            | Self::Grant(_)
            | Self::Client(_)
            | Self::Token(_)
            | Self::Risk(_)
            | Self::Key(_)
            | Self::Mail(
                mail::Mail::List(_) | mail::Mail::Retry { .. } | mail::Mail::Discard { .. },
            )
            | Self::Proxy(_) => true,
            Self::Audit(audit) => audit.expects_data(),
            Self::Login(_) | Self::Logout(_) => false,
            Self::Serve(_)
            | Self::Backup(_)
            | Self::Mail(mail::Mail::Test { .. })
            | Self::Restore(_)
            | Self::Migrate
            | Self::Doctor
            | Self::Routes
            | Self::Config(_)
            | Self::Reference => false,
        }
    }
}

/// Access to the master key makes the operator an administrator.
static OPERATOR: Operator = Operator;

/// The origin of requests on the command line, without an address or a browser.
fn local_origin() -> RequestOrigin {
    RequestOrigin::default()
}

/// Runs the program: `arguments` with its name first, and the environment.
pub fn run(
    arguments: impl Iterator<Item = OsString>,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let arguments: Vec<_> = arguments.collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return usage_error(&error, &arguments),
    };
    let output = Output::new(cli.common.json);
    match start(cli, environment.collect(), output) {
        Ok(code) => code,
        Err(failure) => output.fail(&failure),
    }
}

fn start(
    cli: Cli,
    environment: Vec<(OsString, OsString)>,
    output: Output,
) -> Result<ExitCode, Failure> {
    if let Command::Config(config::Configuration::Help) = cli.command {
        return config::help(output);
    }
    // A user's own commands: they need neither data nor configuration.
    match cli.command {
        Command::Login(login) => return login.run(&environment, output),
        Command::Logout(logout) => return logout.run(&environment, output),
        Command::Token(token::Token::Get(get)) => return get.run(&environment, output),
        _ => {}
    }
    let mut flags = match &cli.command {
        Command::Serve(serve) => serve.flags(),
        _ => Vec::new(),
    };
    flags.extend(
        cli.common
            .data_dir
            .map(|dir| ("data_dir", "--data-dir", dir)),
    );
    let config = Config::load(&Inputs {
        file: cli.common.config,
        environment,
        flags,
    })?;
    log::start(&config.log);
    let mut context = Context::new(config, output);
    runtime::main()?.block_on(async {
        let result = dispatch(cli.command, &mut context).await;
        context.close().await;
        result
    })
}

async fn dispatch(command: Command, context: &mut Context) -> Result<ExitCode, Failure> {
    if command.expects_data() {
        context.note_if_new();
    }
    match command {
        Command::Serve(serve) => serve.run(context).await,
        Command::User(user) => user.run(context).await,
        Command::Role(role) => role.run(context).await,
        Command::Device(device) => device.run(context).await,
        Command::Risk(risk) => risk.run(context).await,
        Command::Passkey(passkey) => passkey.run(context).await,
        Command::Service(service) => service.run(context).await,
        Command::Grant(grant) => grant.run(context).await,
        Command::Client(client) => client.run(context).await,
        // They run before there is a context.
        Command::Login(_) | Command::Logout(_) => Ok(ExitCode::SUCCESS),
        Command::Token(token) => token.run(context).await,
        Command::Mail(mail) => mail.run(context).await,
        Command::Key(key) => key.run(context).await,
        Command::Proxy(proxy) => proxy.run(context).await,
        Command::Audit(audit) => audit.run(context).await,
        Command::Backup(backup) => backup.run(context).await,
        Command::Restore(restore) => restore.run(context).await,
        Command::Migrate => migrate::run(context).await,
        Command::Doctor => doctor::run(context).await,
        Command::Routes => routes::run(context),
        Command::Config(config) => config.run(context),
        Command::Reference => reference::run(),
    }
}

/// Help and version are results; everything else that clap reports is a usage error.
fn usage_error(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let is_result = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if !is_result && arguments.iter().any(|argument| argument == "--json") {
        return Output::new(true).fail(&Failure::Usage(error.to_string()));
    }
    match error.print() {
        Err(cause) if is_result && cause.kind() != io::ErrorKind::BrokenPipe => {
            Output::new(false).fail(&Failure::Output(cause))
        }
        _ if is_result => ExitCode::SUCCESS,
        // A closed standard error cannot be reported.
        _ => ExitCode::from(failure::USAGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }
}
