//! Addresses with a bad reputation, by files that an operator keeps.

use super::watched_file::{Fault, WatchedFile};
use latchkey_domain::risk::AddressSet;
use std::{net::IpAddr, path::PathBuf};

/// The lists.
pub(super) struct BlockLists(Vec<WatchedFile<AddressSet>>);

fn parse(bytes: Vec<u8>) -> Result<AddressSet, Fault> {
    let text = String::from_utf8(bytes)?;
    Ok(AddressSet::parse(&text)?)
}

impl BlockLists {
    pub(super) fn new(files: &[PathBuf]) -> Self {
        let watch = |path: &PathBuf| WatchedFile::new(path.clone(), parse);
        Self(files.iter().map(watch).collect())
    }

    /// Whether an address is on any of them; `None` if there are no lists, or none can be read.
    pub(super) fn has(&self, ip: IpAddr) -> Option<bool> {
        let lists = self.0.iter().filter_map(WatchedFile::contents);
        lists
            .map(|list| list.contains(ip))
            .reduce(|found, is_on| found | is_on)
    }

    pub(super) fn reload(&self) {
        for file in &self.0 {
            file.reload();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_changed_list_is_read_and_a_broken_one_keeps_the_last() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bad.txt");
        let listed: IpAddr = "192.0.2.1".parse().unwrap();
        let lists = BlockLists::new(std::slice::from_ref(&path));
        assert_eq!(lists.has(listed), None, "there is no file");
        fs::write(&path, "192.0.2.0/24\n").unwrap();
        lists.reload();
        assert_eq!(lists.has(listed), Some(true));
        fs::write(&path, "<html>503 Service Unavailable</html>").unwrap();
        lists.reload();
        assert_eq!(lists.has(listed), Some(true), "the last one stays");
        fs::write(&path, "198.51.100.0/24\n").unwrap();
        lists.reload();
        assert_eq!(lists.has(listed), Some(false));
        fs::remove_file(&path).unwrap();
        lists.reload();
        assert_eq!(lists.has("198.51.100.1".parse().unwrap()), Some(true));
    }

    #[test]
    fn without_lists_nothing_is_known() {
        assert_eq!(BlockLists::new(&[]).has("192.0.2.1".parse().unwrap()), None);
    }
}
