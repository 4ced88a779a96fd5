//! Who is logged in: by cookie, or by token.

mod login;
mod me;
mod own;
mod password;
mod secret;
mod sessions;
mod throttle;
mod tokens;

pub(crate) use login::{login, logout};
pub(crate) use me::{me, wish};
pub(crate) use own::{Pages, revoke, sessions};
pub(crate) use secret::{hash, random, random_id};
pub(crate) use sessions::Sessions;
pub(crate) use throttle::Throttle;
pub use tokens::Token;
pub(crate) use tokens::Tokens;

// The macros of the routes look for what the handlers' attributes made beside them.
pub(crate) use login::{__path_login, __path_logout};
pub(crate) use me::{__path_me, __path_wish};
pub(crate) use own::{__path_revoke, __path_sessions};
pub(crate) use password::{__path_set_password, set_password};
