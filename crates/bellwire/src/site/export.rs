//! The configuration as a site file that applies as no change.

use super::describe::{Table, TableKind, describe};
use model::Site;

/// Writes the whole configuration. Passwords are not in it: of a key that is missing, `apply` keeps what
/// is in force.
pub(crate) fn export(site: &Site) -> String {
    let mut text = String::from(HEAD);
    for table in describe(site) {
        if table.keys.is_empty() && table.kind == TableKind::Single && table.list == "feature_codes"
        {
            continue;
        }
        text.push('\n');
        write(&mut text, &table);
    }
    text
}

fn write(text: &mut String, table: &Table) {
    match table.kind {
        TableKind::Single => text.push_str(&format!("[{}]\n", table.list)),
        TableKind::Listed => text.push_str(&format!("[[{}]]\n", table.list)),
    }
    for (key, value) in &table.keys {
        text.push_str(&format!("{key} = {value}\n"));
    }
    for secret in &table.secrets {
        text.push_str(&format!("# {secret} is kept as it is\n"));
    }
}

const HEAD: &str = "# The site as it is. Passwords are not in this file: a password that is not mentioned stays.\n";
