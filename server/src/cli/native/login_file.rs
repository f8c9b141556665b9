//! Where a terminal keeps its keys: one file for each server in `$XDG_CONFIG_HOME/latchkey/logins`, for its user alone.

use super::{NativeError, program, variable};
use crate::cli::failure::Failure;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::tokens::device_key::COMMAND_LINE;
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};
use url::{Position, Url};

/// The directory.
pub(super) struct LoginFiles(PathBuf);

/// What a terminal knows of a server.
#[derive(Debug, Clone)]
pub(super) struct LoginFile {
    /// The server.
    pub(super) server: Url,
    /// As which client.
    pub(super) client_id: String,
    /// The seed of its Ed25519 key.
    pub(super) key: Secret,
}

/// A private key; its text form does not say it.
#[derive(Clone)]
pub(super) struct Secret([u8; 32]);

impl std::ops::Deref for Secret {
    type Target = [u8; 32];

    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    server: Url,
    client_id: String,
    /// In base64url.
    ed25519_seed: String,
}

impl LoginFile {
    /// A login with a new key.
    pub(super) fn new(server: Url, client_id: Option<String>) -> Result<Self, NativeError> {
        Ok(Self {
            server,
            client_id: client_id.unwrap_or_else(|| COMMAND_LINE.to_string()),
            key: Secret(program::random()?),
        })
    }
}

fn file_error(path: &Path, cause: io::Error) -> Failure {
    Failure::File {
        path: path.display().to_string(),
        cause,
    }
}

impl LoginFiles {
    /// The directory of this user.
    pub(super) fn of(environment: &[(OsString, OsString)]) -> Result<Self, NativeError> {
        let config = match variable(environment, "XDG_CONFIG_HOME").map(PathBuf::from) {
            // A relative path is to be ignored (XDG Base Directory Specification).
            Some(dir) if dir.is_absolute() => dir,
            _ => {
                let home = variable(environment, "HOME").ok_or(NativeError::NoConfigDir)?;
                Path::new(home).join(".config")
            }
        };
        Ok(Self(config.join("latchkey").join("logins")))
    }

    fn path(&self, server: &Url) -> PathBuf {
        let name = &server[Position::BeforeHost..Position::AfterPort];
        let name: String = (name.chars())
            .map(|c| {
                if c.is_ascii_alphanumeric() || ".-".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        self.0.join(format!("{name}.json"))
    }

    /// The login at a server.
    pub(super) fn read(&self, server: &Url) -> Result<Option<LoginFile>, Failure> {
        let found = self.read_file(&self.path(server))?;
        Ok(found.filter(|login| login.server == *server))
    }

    /// The only login.
    pub(super) fn only(&self) -> Result<Option<LoginFile>, Failure> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(file_error(&self.0, cause)),
        };
        let mut logins = Vec::new();
        for entry in entries {
            let path = entry.map_err(|cause| file_error(&self.0, cause))?.path();
            if path.extension().is_some_and(|end| end == "json") {
                logins.extend(self.read_file(&path)?);
            }
        }
        if logins.len() > 1 {
            let servers: Vec<_> = logins.iter().map(|login| login.server.as_str()).collect();
            return Err(NativeError::Several(servers.join(" ")).into());
        }
        Ok(logins.pop())
    }

    fn read_file(&self, path: &Path) -> Result<Option<LoginFile>, Failure> {
        let text = match fs::symlink_metadata(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(file_error(path, cause)),
            Ok(_) => {
                private::check(&self.0)?;
                private::check(path)?;
                fs::read_to_string(path).map_err(|cause| file_error(path, cause))?
            }
        };
        let read = || {
            let stored: Stored = serde_json::from_str(&text).ok()?;
            let seed = BASE64.decode(stored.ed25519_seed).ok()?;
            Some(LoginFile {
                server: stored.server,
                client_id: stored.client_id,
                key: Secret(seed.try_into().ok()?),
            })
        };
        match read() {
            Some(login) => Ok(Some(login)),
            None => Err(NativeError::Damaged(path.to_owned()).into()),
        }
    }

    /// Writes a login, complete or not at all.
    pub(super) fn write(&self, login: &LoginFile) -> Result<(), Failure> {
        private::make_dir(&self.0).map_err(|cause| file_error(&self.0, cause))?;
        private::check(&self.0)?;
        let stored = Stored {
            server: login.server.clone(),
            client_id: login.client_id.clone(),
            ed25519_seed: BASE64.encode(*login.key),
        };
        let path = self.path(&login.server);
        let next = path.with_extension("new");
        let write = || {
            // Left by a process that was killed.
            let _ = fs::remove_file(&next);
            let text = serde_json::to_vec(&stored).map_err(io::Error::other)?;
            private::create(&next, &text)?;
            fs::rename(&next, &path)
        };
        write().map_err(|cause| file_error(&path, cause))
    }

    /// Deletes the login at a server.
    pub(super) fn remove(&self, server: &Url) -> Result<(), Failure> {
        let path = self.path(server);
        fs::remove_file(&path).map_err(|cause| file_error(&path, cause))
    }
}

/// Files and directories for one user alone.
#[cfg(unix)]
mod private {
    use super::super::NativeError;
    use std::{
        fs::{DirBuilder, OpenOptions, symlink_metadata},
        io::{self, Write},
        os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
        path::Path,
    };

    pub(super) fn make_dir(dir: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)
    }

    pub(super) fn create(path: &Path, text: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text)?;
        file.sync_all()
    }

    /// Refuses what others can read or write, or another user owns; a symbolic link too, whose target is not looked at.
    pub(super) fn check(path: &Path) -> Result<(), NativeError> {
        let own = rustix::process::geteuid().as_raw();
        match symlink_metadata(path) {
            Ok(found) if found.uid() == own && found.mode() & 0o077 == 0 && !found.is_symlink() => {
                Ok(())
            }
            _ => Err(NativeError::Exposed(path.to_owned())),
        }
    }
}

/// Elsewhere the directory of the user's configuration has an access list of its own.
#[cfg(not(unix))]
mod private {
    use super::super::NativeError;
    use std::{fs, io, path::Path};

    pub(super) fn make_dir(dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    pub(super) fn create(path: &Path, text: &[u8]) -> io::Result<()> {
        fs::write(path, text)
    }

    pub(super) fn check(_path: &Path) -> Result<(), NativeError> {
        Ok(())
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn files() -> (tempfile::TempDir, LoginFiles) {
        let dir = tempfile::tempdir().unwrap();
        let environment = [("XDG_CONFIG_HOME".into(), dir.path().into())];
        let files = LoginFiles::of(&environment).unwrap();
        (dir, files)
    }

    fn login(server: &str) -> LoginFile {
        LoginFile::new(server.parse().unwrap(), None).unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_key_is_written_for_its_user_alone_and_read_again() {
        let (dir, files) = files();
        let login = login("http://localhost:3000");
        assert!(files.only().unwrap().is_none());
        files.write(&login).unwrap();
        let path = dir.path().join("latchkey/logins/localhost_3000.json");
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let read = files.read(&login.server).unwrap().unwrap();
        assert_eq!((*read.key, &read.server), (*login.key, &login.server));
        assert_eq!(read.client_id, COMMAND_LINE.to_string());
        assert!(!format!("{login:?}").contains(&BASE64.encode(*login.key)));
        assert_eq!(*files.only().unwrap().unwrap().key, *login.key);
        files
            .write(&super::tests::login("https://login.example.com"))
            .unwrap();
        assert!(matches!(
            files.only(),
            Err(Failure::Native(NativeError::Several(_)))
        ));
        files.remove(&login.server).unwrap();
        assert!(files.read(&login.server).unwrap().is_none());
        assert!(files.only().unwrap().is_some());
    }

    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        let (dir, files) = files();
        let login = login("https://login.example.com");
        files.write(&login).unwrap();
        let path = dir.path().join("latchkey/logins/login.example.com.json");
        let refused = || {
            matches!(
                files.read(&login.server),
                Err(Failure::Native(NativeError::Exposed(_)))
            )
        };
        let parent = path.parent().unwrap();
        for (path, bad, good) in [
            (&*path, 0o640, 0o600),
            (&*path, 0o602, 0o600),
            (parent, 0o755, 0o700),
        ] {
            fs::set_permissions(path, fs::Permissions::from_mode(bad)).unwrap();
            assert!(refused(), "{} {bad:o}", path.display());
            fs::set_permissions(path, fs::Permissions::from_mode(good)).unwrap();
            assert!(!refused());
        }
        let elsewhere = dir.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert!(refused(), "a symbolic link");
        fs::remove_file(&path).unwrap();
        private::create(&path, b"{}").unwrap();
        assert!(matches!(
            files.read(&login.server),
            Err(Failure::Native(NativeError::Damaged(_)))
        ));
    }

    #[test]
    fn the_directory_is_that_of_the_user_s_configuration() {
        let of = |environment: &[(&str, &str)]| {
            let environment: Vec<_> = (environment.iter())
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect();
            LoginFiles::of(&environment).ok().map(|files| files.0)
        };
        let expected = |path: &str| Some(PathBuf::from(path));
        assert_eq!(
            of(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/home/ada")]),
            expected("/x/latchkey/logins")
        );
        for other in ["", "relative"] {
            assert_eq!(
                of(&[("XDG_CONFIG_HOME", other), ("HOME", "/home/ada")]),
                expected("/home/ada/.config/latchkey/logins")
            );
        }
        assert_eq!(of(&[]), None);
    }
}
