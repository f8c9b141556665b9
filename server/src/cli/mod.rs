//! The command line: one file for each noun, the same use cases as the pages, works beside a
//! running server.
//!
//! Results go to standard output (`--json` for programs), errors to standard error. Exit codes:
//! 0 it was done, 1 it was refused or failed, 2 it was asked wrongly (arguments, configuration), 3 the result could not be
//! written.

mod audit;
mod backup;
mod config;
mod confirm;
mod descriptors;
mod device;
mod doctor;
mod failure;
mod finding;
mod grant;
mod list;
mod migrate;
mod moment;
mod output;
mod passkey;
mod proxy;
mod reference;
mod restore;
mod routes;
mod runtime;
mod serve;
mod service;
mod stop;
mod table;
mod user;

use crate::{
    config::{Config, Inputs},
    log,
};
use clap::{Args, Parser, Subcommand, error::ErrorKind};
use failure::Failure;
use latchkey_domain::access::permission::Administrator;
use latchkey_engine::{Clock, Engine, RequestOrigin, Rng, Settings};
use output::Output;
use std::{ffi::OsString, io, path::PathBuf, process::ExitCode};
use tokio::{sync::OnceCell, time::timeout};

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

/// What every command takes.
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
    /// Answer browsers, proxies and services
    Serve(serve::Serve),
    /// People
    #[command(subcommand)]
    User(user::User),
    /// Devices
    #[command(subcommand)]
    Device(device::Device),
    /// Passkeys
    #[command(subcommand)]
    Passkey(passkey::Passkey),
    /// Services
    #[command(subcommand)]
    Service(service::Service),
    /// Grants: who may enter which service
    #[command(subcommand)]
    Grant(grant::AccessGrant),
    /// Reverse proxies
    #[command(subcommand)]
    Proxy(proxy::Proxy),
    /// The audit log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Make a backup, beside a running server too
    Backup(backup::Backup),
    /// Restore a backup where nothing is yet
    Restore(restore::Restore),
    /// Bring the database up to date (serve does it too)
    Migrate,
    /// Look for what is wrong with this installation
    Doctor,
    /// The routes of the public listener and their policies
    #[command(hide = true)]
    Routes,
    /// The configuration
    #[command(subcommand)]
    Config(config::Configuration),
    /// For the documents: events and error codes, as JSON
    #[command(hide = true)]
    Reference,
}

impl Command {
    /// Whether somebody who asks this believes that Latchkey is there already.
    const fn expects_data(&self) -> bool {
        matches!(
            self,
            Self::User(_) | Self::Device(_) | Self::Service(_) | Self::Grant(_) | Self::Proxy(_)
        ) || matches!(self, Self::Audit(audit) if audit.expects_data())
    }
}

/// What a command works with.
struct Context {
    config: Config,
    output: Output,
    opened: OnceCell<Engine>,
}

impl Context {
    /// Opens the engine on the configured data, once.
    async fn engine(&self) -> Result<Engine, Failure> {
        let open = async || Ok::<_, Failure>(Engine::open(self.settings()?).await?);
        Ok(self.opened.get_or_try_init(open).await?.clone())
    }

    /// The same to make a backup, which leaves an older schema as it is.
    async fn engine_to_back_up(&self) -> Result<Engine, Failure> {
        let open = async || Ok::<_, Failure>(Engine::open_to_back_up(self.settings()?).await?);
        Ok(self.opened.get_or_try_init(open).await?.clone())
    }

    /// Closes what was opened, whatever came of the command: afterwards the database's file has everything.
    async fn close(&self) {
        if let Some(engine) = self.opened.get()
            && timeout(stop::CLOSE_TIME, engine.close()).await.is_err()
        {
            tracing::warn!(
                "the database was not closed in time; nothing is lost, but copy its -wal file along"
            );
        }
    }

    /// The file of the master key.
    fn key_file(&self) -> PathBuf {
        let named = self.config.database.master_key_file.clone();
        named.unwrap_or_else(|| self.config.server.data_dir.join("master.key"))
    }

    /// Says so where nothing is yet: in another directory than `serve`'s, a command works on another Latchkey.
    fn tell_if_new(&self) {
        if self.is_new() {
            self.output.note(format_args!(
                "There was no Latchkey in {}: a new one begins there. For another, name its directory with --data-dir.",
                self.data_dir().display()
            ));
        }
    }

    /// Whether neither a database nor a master key is there.
    fn is_new(&self) -> bool {
        self.config.database.url.is_none()
            && !self.config.server.data_dir.join("latchkey.db").exists()
            && !self.key_file().exists()
    }

    /// The data directory, in full.
    fn data_dir(&self) -> PathBuf {
        let dir = &self.config.server.data_dir;
        std::path::absolute(dir).unwrap_or_else(|_| dir.clone())
    }

    /// What an engine on the configured data must be told.
    fn settings(&self) -> Result<Settings, Failure> {
        let rng = Rng::system().map_err(latchkey_engine::OpenError::from)?;
        Ok(self.config.engine_settings(clock(), rng))
    }
}

/// Tells the time. The end-to-end tests move it while the program runs (`LATCHKEY_TEST_CLOCK` names the file of
/// [`Clock::shifted_by`]); a release build never looks at the variable.
fn clock() -> Clock {
    #[cfg(debug_assertions)]
    if let Some(file) = std::env::var_os("LATCHKEY_TEST_CLOCK") {
        return Clock::shifted_by(file.into());
    }
    Clock::system()
}

/// Whoever may read the master key administers.
static OPERATOR: Administrator = Administrator::operator();

/// There is no address and no browser on the command line.
fn nobody() -> RequestOrigin {
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
        Err(error) => return asked_wrongly(&error, &arguments),
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
    log::start(config.log);
    let mut context = Context {
        config,
        output,
        opened: OnceCell::new(),
    };
    runtime::main()?.block_on(async {
        let result = dispatch(cli.command, &mut context).await;
        context.close().await;
        result
    })
}

async fn dispatch(command: Command, context: &mut Context) -> Result<ExitCode, Failure> {
    if command.expects_data() {
        context.tell_if_new();
    }
    match command {
        Command::Serve(serve) => serve.run(context).await,
        Command::User(user) => user.run(context).await,
        Command::Device(device) => device.run(context).await,
        Command::Passkey(passkey) => passkey.run(context).await,
        Command::Service(service) => service.run(context).await,
        Command::Grant(grant) => grant.run(context).await,
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

/// Help and version are results; everything else that clap stops at is a wrong question.
fn asked_wrongly(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
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
        // Nothing to do about a standard error that is gone.
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
