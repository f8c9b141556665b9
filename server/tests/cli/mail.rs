//! Mail, through a real mail server.

use crate::{harness::CliSandbox, server::Server};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where `cargo xtask test` says that the packages of the server are.
const PACKAGES: &str = "TEST_SMTP_PACKAGES";

/// aiosmtpd, which ends with the test.
struct SmtpServer {
    child: Child,
    port: u16,
    inbox: tempfile::TempDir,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl SmtpServer {
    /// One that wants neither encryption nor a password; with a certificate, both.
    fn start(certificate: &[PathBuf]) -> Option<Self> {
        let Some(packages) = env::var_os(PACKAGES) else {
            eprintln!("SKIPPED: there is no mail server; `cargo xtask test rust` brings one.");
            return None;
        };
        let inbox = tempfile::tempdir().unwrap();
        let mut child = Command::new("python3")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/cli/smtp_server.py"
            ))
            .arg(inbox.path())
            .args(certificate)
            .env("PYTHONPATH", packages)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut port).unwrap();
        Some(Self {
            child,
            port: port.trim().parse().unwrap(),
            inbox,
        })
    }

    fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=off", self.port)
    }

    /// The mails that it accepted.
    fn mails(&self) -> Vec<String> {
        let mails = fs::read_dir(self.inbox.path()).unwrap();
        let mails = mails.map(|mail| mail.unwrap().path());
        let mut mails: Vec<_> = mails
            .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
            .collect();
        mails.sort();
        mails
            .iter()
            .map(|path| fs::read_to_string(path).unwrap())
            .collect()
    }

    fn wait_for(&self, count: usize) -> Vec<String> {
        let began = Instant::now();
        loop {
            let mails = self.mails();
            if mails.len() >= count {
                return mails;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{mails:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn settings(sandbox: &CliSandbox, url: &str, more: &str) {
    let text = format!(
        "[mail]\nurl = \"{url}\"\nfrom = \"Latchkey <latchkey@example.com>\"\n{more}[log]\nlevel = \"info\"\n"
    );
    sandbox.write("latchkey.toml", &text);
}

/// A body as its reader sees it: without the line ends of quoted-printable (RFC 2045 §6.7).
fn readable(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=")
}

#[test]
fn an_administrator_adds_a_user_who_gets_the_link_by_mail() {
    let sandbox = CliSandbox::new();
    let Some(smtp) = SmtpServer::start(&[]) else {
        return;
    };
    settings(&sandbox, &smtp.url(), "");
    let server = Server::start_logged(&sandbox, "log");
    let output = sandbox.run(&["user", "add", "ada@example.com", "--mail", "--json"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(!output.out.contains("/enrol/"), "{output:?}");
    let mails = smtp.wait_for(1);
    let mail = readable(&mails[0]);
    assert!(mail.contains("To: ada <ada@example.com>"), "{mail}");
    assert!(
        mail.contains("From: Latchkey <latchkey@example.com>"),
        "{mail}"
    );
    let (_, link) = mail.split_once("/enrol/").unwrap();
    let code: String = link
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let page = server.ask_public(&format!("/enrol/{code}"));
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let list = sandbox.run(&["mail", "list"]);
    assert!(list.out.contains("(nothing)"), "{list:?}");
    assert!(
        !fs::read_to_string(sandbox.path().join("log"))
            .unwrap()
            .contains(&code),
        "the log has the link"
    );
}

#[test]
fn audit_44_a_mail_server_with_encryption_and_a_password_is_used_with_both() {
    let sandbox = CliSandbox::new();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    sandbox.write("ca.pem", &made.cert.pem());
    sandbox.write("key.pem", &made.signing_key.serialize_pem());
    let files = ["ca.pem", "key.pem"].map(|name| sandbox.path().join(name));
    let Some(smtp) = SmtpServer::start(&files) else {
        return;
    };
    let ca = format!("ca_file = \"{}\"\n", files[0].display());
    let url = |password: &str| format!("smtp://latchkey:{password}@localhost:{}", smtp.port);
    let test = || sandbox.run(&["mail", "test", "ada@example.com"]);
    settings(&sandbox, &url("s%2Fcret"), &ca);
    let output = test();
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(smtp.mails().len(), 1);
    settings(&sandbox, &url("wrong"), &ca);
    let output = test();
    assert_eq!(output.code, 1);
    assert!(
        output.err.contains("535") && !output.err.contains("wrong"),
        "{output:?}"
    );
    // A server whose certificate nobody vouches for gets neither the mail nor the password.
    settings(&sandbox, &url("s%2Fcret"), "");
    let output = test();
    assert_eq!(output.code, 1);
    assert!(
        output.err.to_lowercase().contains("certificate"),
        "{output:?}"
    );
    // Nor does one that offers no encryption.
    let plain = SmtpServer::start(&[]).unwrap();
    settings(&sandbox, &format!("smtp://localhost:{}", plain.port), &ca);
    let output = test();
    assert_eq!(output.code, 1, "{output:?}");
    assert!(plain.mails().is_empty());
}

#[test]
fn a_mail_that_is_refused_is_given_up_and_one_that_is_put_off_is_tried_again() {
    let sandbox = CliSandbox::new();
    let Some(smtp) = SmtpServer::start(&[]) else {
        return;
    };
    settings(&sandbox, &smtp.url(), "");
    let _server = Server::start_logged(&sandbox, "log");
    for user in ["reject", "later", "ada"] {
        let email = format!("{user}@example.com");
        let output = sandbox.run(&["user", "add", &email, "--mail"]);
        assert_eq!(output.code, 0, "{output:?}");
    }
    smtp.wait_for(1);
    sandbox.wait_for_text("log", "given up");
    sandbox.wait_for_text("log", "tried again");
    let output = sandbox.run(&["mail", "list", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&output.out).unwrap();
    let items = list["items"].as_array().unwrap();
    let of = |email: &str| items.iter().find(|mail| mail["email"] == email).unwrap();
    let (rejected, later) = (of("reject@example.com"), of("later@example.com"));
    assert_eq!(
        (&rejected["state"], &later["state"]),
        (&"failed".into(), &"waiting".into())
    );
    assert!(
        rejected["last_error"]
            .as_str()
            .unwrap()
            .contains("no such user")
    );
    assert!(
        later["last_error"]
            .as_str()
            .unwrap()
            .contains("try again later")
    );
    let id = later["id"].as_str().unwrap();
    assert_eq!(
        sandbox.run(&["mail", "retry", id]).code,
        1,
        "it was not given up"
    );
    assert_eq!(sandbox.run(&["mail", "discard", id]).code, 0);
    let id = rejected["id"].as_str().unwrap();
    assert_eq!(sandbox.run(&["mail", "retry", id]).code, 0);
}

#[test]
fn a_mail_server_that_hangs_or_is_down_delays_nothing_else() {
    let sandbox = CliSandbox::new();
    let Some(smtp) = SmtpServer::start(&[]) else {
        return;
    };
    settings(&sandbox, &smtp.url(), "");
    let server = Server::start_logged(&sandbox, "log");
    let output = sandbox.run(&["user", "add", "slow@example.com", "--mail"]);
    assert_eq!(output.code, 0);
    // While it waits for the server, users are served and changes are made.
    let page = server.ask_public("/login");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let output = sandbox.run(&["user", "add", "ada@example.com", "--mail"]);
    assert_eq!(output.code, 0);
    let mails = smtp.wait_for(1);
    assert!(mails[0].contains("ada@example.com"), "{mails:?}");
    drop(smtp);
    sandbox.wait_for_text("log", "tried again");
    let output = sandbox.run(&["mail", "list", "--filter", "waiting", "--json"]);
    assert!(output.out.contains("slow@example.com"), "{output:?}");
    let output = sandbox.run(&["mail", "test", "ada@example.com"]);
    assert_eq!(output.code, 1, "{output:?}");
}

#[test]
fn for_development_mails_are_files_that_only_their_owner_reads() {
    let sandbox = CliSandbox::new();
    let outbox = sandbox.path().join("outbox");
    settings(&sandbox, &format!("file://{}", outbox.display()), "");
    let output = sandbox.run(&["mail", "test", "ada@example.com"]);
    assert_eq!(output.code, 0, "{output:?}");
    let mails: Vec<_> = fs::read_dir(&outbox)
        .unwrap()
        .map(|mail| mail.unwrap().path())
        .collect();
    assert_eq!(mails.len(), 1);
    assert!(
        fs::read_to_string(&mails[0])
            .unwrap()
            .contains("To: ada@example.com")
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&mails[0]).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
