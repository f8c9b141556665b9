//! A real file that says where addresses are, for tests.

use std::path::PathBuf;

use crate::{npm, workspace::Workspace};

/// The variable that tells the tests where the file is.
pub(crate) const VARIABLE: &str = "TEST_LOCATION_FILE";

/// Installs a file of countries from npm (CC0). Returns the value of [`VARIABLE`]; `None` on a machine without Node.js, where the
/// tests skip what needs it.
pub(crate) fn prepare(workspace: &Workspace) -> Option<PathBuf> {
    let directory = workspace.root().join("xtask/locations");
    if let Err(cause) = npm::install(&directory) {
        eprintln!("no location file for the tests: {cause:#}");
        return None;
    }
    let package = "node_modules/@ip-location-db/geo-whois-asn-country-mmdb";
    let file = directory.join(package).join("geo-whois-asn-country.mmdb");
    file.is_file().then_some(file)
}
