//! From the server's configuration to what edge and media want to know.

use crate::config::{Address, Config};
use media::Sounds;
use media::browser::Identity;
use media::prompts::Library;
use model::Site;
use rtp::sdp::BrowserSide;
use std::net::IpAddr;
use std::sync::Arc;
use store::{DataFolder, Store};

/// How the edge is set up.
pub(super) fn edge(
    config: &Config,
    store: &Store,
    browsers: Option<BrowserSide>,
) -> edge::Settings {
    edge::Settings {
        external_address: fixed(config.sip.external_address),
        browsers,
        ..edge::Settings::new(store.derived("sip nonce"))
    }
}

/// How media is carried.
pub(super) fn media(
    config: &Config,
    folder: &DataFolder,
    site: &Site,
    library: Arc<Library>,
    identity: Arc<Identity>,
    seed: u64,
) -> media::Settings {
    let files = folder.join(&config.store.files);
    media::Settings {
        address: fixed(config.media.address),
        rtp_ports: config.media.rtp_ports.clone(),
        browsers: Some((config.media.webrtc_port, identity)),
        workers: config.media.workers,
        sounds: Sounds {
            library,
            country: site.directory.system.country.clone(),
        },
        recordings: files.join("recordings"),
        voicemail: files.join(VOICEMAIL),
        seed,
    }
}

/// Where messages and greetings lie in the files folder, as [`model::voice_file`] has it.
pub(super) const VOICEMAIL: &str = "voicemail";

const fn fixed(address: Address) -> Option<IpAddr> {
    match address {
        Address::Auto => None,
        Address::Fixed(address) => Some(address),
    }
}
