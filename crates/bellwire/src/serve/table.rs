//! The table of logins that a demo prints.

use super::addresses::reachable;
use crate::config::Config;
use crate::demo::Login;
use crate::print;
use std::net::{IpAddr, SocketAddr};
use unicode_width::UnicodeWidthStr;

/// Prints who can register where.
pub(super) fn print(
    config: &Config,
    logins: &[Login],
    administrator: Option<&(&'static str, String)>,
) {
    print::line("");
    print::line(&row(["EXTENSION", "NAME", "PASSWORD", "VOICEMAIL PIN"]));
    for login in logins {
        let password = login.password.as_deref().unwrap_or("(changed)");
        print::line(&row([
            login.number.as_str(),
            &login.name,
            password,
            &login.pin,
        ]));
    }
    print::line("");
    for (transport, addresses) in [
        ("UDP", &config.sip.udp),
        ("TCP", &config.sip.tcp),
        ("TLS", &config.sip.tls),
    ] {
        let at: Vec<_> = addresses
            .iter()
            .flat_map(|address| hosts(*address))
            .collect();
        if !at.is_empty() {
            print::line(&format!("SIP over {transport}: {}", at.join("  ")));
        }
    }
    if let Some(https) = config.web.https {
        let urls = hosts(https)
            .into_iter()
            .map(|host| format!("https://{host}/"));
        print::line(&format!("Web: {}", urls.collect::<Vec<_>>().join("  ")));
    }
    if let Some((name, password)) = administrator {
        print::line(&format!("Administrator: {name}  {password}"));
    }
    print::line("");
    print::line(
        "Register a phone as 100 and another as 101, call 101 from 100. Dial *43 for an echo test.",
    );
}

/// Each address that reaches a listener, with its port.
fn hosts(listening: SocketAddr) -> Vec<String> {
    let with_port = |address: IpAddr| SocketAddr::new(address, listening.port()).to_string();
    reachable(listening).into_iter().map(with_port).collect()
}

/// Cells as columns; Chinese characters take two places.
fn row(cells: [&str; 4]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.into_iter().zip(WIDTHS) {
        line.push_str(cell);
        let gap = usize::saturating_sub(width, cell.width()).max(1);
        line.push_str(&" ".repeat(gap));
    }
    line.trim_end().to_owned()
}

const WIDTHS: [usize; 4] = [12, 16, 16, 0];
