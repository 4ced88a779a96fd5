//! Protected packets: what is forged, cut short or said again, in every suite.

use rtp::srtp::{Inbound, MasterKey, Outbound, Suite};

/// Takes any bytes; panics when something does not hold that must.
pub(crate) fn run(bytes: &[u8]) {
    for suite in Suite::BEST_FIRST {
        let Some(key) = MasterKey::new(suite, &[7; 44][..suite.key_and_salt_bytes()]) else {
            continue;
        };
        let mut inbound = Inbound::new(&key);
        let before = inbound.snapshot();
        assert!(
            inbound.unprotect(&mut bytes.to_vec()).is_err()
                && inbound.unprotect_rtcp(&mut bytes.to_vec()).is_err(),
            "nobody guesses a tag"
        );
        assert_eq!(inbound.snapshot(), before, "what is forged changes nothing");
        let mut outbound = Outbound::new(&key);
        comes_back(&mut outbound, &mut inbound, bytes);
        reports_come_back(&mut outbound, &mut inbound, bytes);
    }
}

fn comes_back(outbound: &mut Outbound, inbound: &mut Inbound, bytes: &[u8]) {
    let mut packet = with_room(bytes);
    let Ok(length) = outbound.protect(&mut packet, bytes.len()) else {
        return;
    };
    packet.truncate(length);
    let again = packet.clone();
    assert_eq!(inbound.unprotect(&mut packet), Ok(bytes.len()));
    assert_eq!(&packet[..bytes.len()], bytes);
    assert!(inbound.unprotect(&mut again.clone()).is_err(), "once");
    assert!(
        outbound
            .protect(&mut with_room(bytes), bytes.len())
            .is_err(),
        "no index is used twice"
    );
}

fn reports_come_back(outbound: &mut Outbound, inbound: &mut Inbound, bytes: &[u8]) {
    let mut packet = with_room(bytes);
    let Ok(length) = outbound.protect_rtcp(&mut packet, bytes.len()) else {
        return;
    };
    packet.truncate(length);
    assert_eq!(inbound.unprotect_rtcp(&mut packet), Ok(bytes.len()));
    assert_eq!(&packet[..bytes.len()], bytes);
}

fn with_room(bytes: &[u8]) -> Vec<u8> {
    let mut packet = bytes.to_vec();
    packet.resize(bytes.len() + Suite::OVERHEAD_MAX, 0);
    packet
}
