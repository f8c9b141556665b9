//! Starting other programs, and saying which one failed.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// How often a waiting loop looks again.
pub(crate) const POLL: Duration = Duration::from_millis(50);

/// Runs the program with our own input and output; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs the program and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the program starts and succeeds; what it says is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let silent = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// Runs the program, passes its standard output on line by line and shows each line to `read`.
/// Returns whether it succeeded.
pub(crate) fn stream(command: &mut Command, mut read: impl FnMut(&str)) -> Result<bool> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            std::io::stdout().write_all(&line)?;
            read(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    Ok(child.wait()?.success())
}

/// Runs the program for at most `limit`; returns whether it succeeded in that time.
pub(crate) fn run_for(command: &mut Command, limit: Duration) -> Result<bool> {
    let mut child = command.spawn().with_context(|| cannot_start(command))?;
    match wait_for(&mut child, limit)? {
        Some(success) => Ok(success),
        None => {
            child.kill()?;
            child.wait()?;
            Ok(false)
        }
    }
}

/// Asks the program to finish, waits up to `limit`, then ends it.
pub(crate) fn stop(child: &mut Child, limit: Duration) -> Result<()> {
    if child.try_wait()?.is_some() {
        return Ok(());
    }
    // The shell's own `kill`, because small containers have no other.
    let pid = child.id().to_string();
    let asked =
        cfg!(unix) && succeeds(Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &pid]));
    if !asked || wait_for(child, limit)?.is_none() {
        child.kill()?;
        child.wait()?;
    }
    Ok(())
}

fn wait_for(child: &mut Child, limit: Duration) -> Result<Option<bool>> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        thread::sleep(POLL);
    }
    Ok(None)
}

/// Takes all of Latchkey's settings out of the program's environment: a measurement or a test must
/// neither depend on them nor touch the data they name.
pub(crate) fn forget_settings(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("LATCHKEY_"))
        {
            command.env_remove(name);
        }
    }
}

/// Where the shell would find this program.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(name))
        .find(|path| is_program(path))
}

/// Whether a file is there that could be started.
pub(crate) fn is_program(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata()
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

fn cannot_start(command: &Command) -> String {
    format!("could not start `{}`", shown(command))
}

/// The command as it would be typed.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    let args = command.get_args().map(|arg| arg.to_string_lossy());
    std::iter::once(program)
        .chain(args)
        .collect::<Vec<_>>()
        .join(" ")
}
