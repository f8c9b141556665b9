//! Runs the program in a directory of its own.

use std::{
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

/// An empty working directory, with a data directory in it that does not exist yet.
pub(crate) struct CliSandbox(PathBuf);

/// What a command said.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Far more than any command takes.
const STUCK_AFTER: Duration = Duration::from_secs(120);

/// Runs a command to its end. One that never ends is killed, so that its test fails and says which it was.
fn output_of(command: &mut Command) -> process::Output {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (pid, (ended, end)) = (child.id().to_string(), mpsc::channel::<()>());
    thread::scope(|scope| {
        scope.spawn(move || {
            if end.recv_timeout(STUCK_AFTER) == Err(RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-KILL", &pid]).status();
            }
        });
        let output = child.wait_with_output().unwrap();
        drop(ended);
        let is_over = output.status.code().is_some();
        assert!(is_over, "{command:?} never ended: {output:?}");
        output
    })
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl CliSandbox {
    pub(crate) fn new() -> Self {
        let name = format!(
            "sandbox-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Waits until a file that a process writes has this text; the whole file then.
    pub(crate) fn wait_for_text(&self, name: &str, wanted: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let text = std::fs::read_to_string(self.0.join(name)).unwrap_or_default();
            if text.contains(wanted) {
                return text;
            }
            assert!(Instant::now() < deadline, "no {wanted:?} in {text}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        command
            .args(arguments)
            .current_dir(&self.0)
            .stdin(Stdio::null());
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LATCHKEY_"))
        {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Output::of(&output_of(&mut self.command(arguments)))
    }

    pub(crate) fn run_in(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        Output::of(&output_of(command.envs(environment.iter().copied())))
    }

    /// Runs a command that must succeed, and reads its JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(
            (output.code, output.err.as_str()),
            (0, ""),
            "{arguments:?}: {}",
            output.out
        );
        serde_json::from_str(&output.out).unwrap()
    }
}

impl Output {
    pub(crate) fn of(output: &process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code().unwrap(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// The code of the error that a command with `--json` printed.
    pub(crate) fn error(&self) -> String {
        let error: serde_json::Value = serde_json::from_str(&self.err).unwrap();
        error["error"].as_str().unwrap().to_owned()
    }
}

impl Drop for CliSandbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What is in a directory.
pub(crate) fn names(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Runs a command in a mount namespace of its own, after a shell has done `first` there.
pub(crate) fn run_mounted(
    sandbox: &CliSandbox,
    first: &str,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Output {
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c"])
        .arg(format!("{first} && exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_latchkey"))
        .args(arguments)
        .current_dir(sandbox.path())
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    Output::of(&output)
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
