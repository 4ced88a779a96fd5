//! The built-in demo site: six extensions and an administrator whose passwords are made from the key of the data folder, so
//! that they stay the same from start to start and differ from machine to machine.

use crate::site::ha1;
use model::{Number, Site};
use store::Store;

/// How a phone logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    /// The extension.
    pub(crate) number: Number,
    /// Its name.
    pub(crate) name: String,
    /// Its password; `None` when it was changed since.
    pub(crate) password: Option<String>,
    /// The PIN of its mailbox.
    pub(crate) pin: String,
}

/// The demo site as a site file.
pub(crate) fn site(store: &Store) -> String {
    let mut text = written(|number| format!("password = \"{}\"\n", password(store, number)));
    let password = password(store, ADMINISTRATOR);
    text.push_str(&format!(
        "\n[[user]]\nname = \"{ADMINISTRATOR}\"\nrole = \"admin\"\npassword = \"{password}\"\n"
    ));
    text
}

/// The demo site for those who do not log in.
pub(crate) fn without_passwords() -> String {
    written(|_| String::new())
}

fn written(password: impl Fn(&str) -> String) -> String {
    let mut text = String::from(
        "[system]\nname = \"Bellwire demo\"\nportal = true\n\n[[department]]\nname = \"sales\"\n\n[[department]]\nname = \"support\"\n",
    );
    for (number, name, language, department) in EXTENSIONS {
        let password = password(number);
        text.push_str(&format!(
            "\n[[extension]]\nnumber = \"{number}\"\nname = \"{name}\"\n{password}language = \"{language}\"\ndepartments = [\"{department}\"]\n"
        ));
    }
    text
}

/// The name and password of who administers a demo site; `None` when that was changed since.
pub(crate) fn administrator(store: &Store, site: &Site) -> Option<(&'static str, String)> {
    let password = password(store, ADMINISTRATOR);
    let user = site.users.get(ADMINISTRATOR)?;
    api::password::is_of_hash(&password, &user.password).then_some((ADMINISTRATOR, password))
}

/// The extensions of a demo site with their logins, for the table that is printed at the start.
pub(crate) fn logins(store: &Store, site: &Site) -> Vec<Login> {
    let extensions = site.directory.extensions.values();
    extensions
        .map(|extension| {
            let password = password(store, &extension.number);
            let holds = ha1(&extension.number, &password) == extension.secret;
            Login {
                number: extension.number,
                name: extension.name.clone(),
                password: holds.then_some(password),
                pin: extension.voicemail_pin.clone(),
            }
        })
        .collect()
}

/// Twelve letters and digits, 71 bits.
fn password(store: &Store, number: &str) -> String {
    let bytes = store.derived(&format!("demo password of {number}"));
    let letters = bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 64)));
    letters
        .take(PASSWORD_LENGTH)
        .map(|byte| char::from(*byte))
        .collect()
}

/// Number, name, language, department.
const EXTENSIONS: [(&str, &str, &str, &str); 6] = [
    ("100", "张三", "zh-CN", "sales"),
    ("101", "李四", "zh-CN", "sales"),
    ("102", "王小红", "zh-CN", "support"),
    ("103", "Alice Baker", "en", "sales"),
    ("104", "Bob Carter", "en", "support"),
    ("105", "Carol Davis", "en", "support"),
];
/// Who administers a demo site.
const ADMINISTRATOR: &str = "admin";
const PASSWORD_LENGTH: usize = 12;
/// Letters and digits but for those that look alike.
const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
