//! Messages that arrive damaged, from phones that have proven who they are and from strangers.

mod common;

use common::{Phone, World, udp};
use model::Duration;
use sip::Ids;

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.100\r\ns=-\r\nc=IN IP4 192.0.2.100\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";

/// SI-10
#[test]
fn damaged_messages_are_survived_and_the_server_still_serves() {
    for seed in 0..40 {
        let mut ids = Ids::new(seed);
        let mut world = World::new();
        let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
        phone.register(&mut world, "");
        for _ in 0..50 {
            let message = whole(&mut phone, &mut ids);
            let damaged = damage(message.into_bytes(), &mut ids);
            world.receive_bytes(phone.flow, &damaged);
            world.sent.clear();
            world.pass(Duration::from_millis(ids.below(2_000).into()));
            assert!(world.edge.registered() <= 5, "seed {seed}");
        }
        // A ban earned by damaged credentials is over after a day at most.
        world.pass(Duration::from_secs(24 * 3600));
        world.sent.clear();
        assert_eq!(phone.register(&mut world, "").status(), 200, "seed {seed}");
    }
}

/// A whole message of the phone, with good credentials.
fn whole(phone: &mut Phone, ids: &mut Ids) -> String {
    let (method, uri, more) = match ids.below(9) {
        0 | 1 => ("REGISTER", "sip:pbx", ""),
        2 => ("INVITE", "sip:101@pbx", ""),
        3 => (
            "INVITE",
            "sip:101@pbx",
            "Replaces: a@b;to-tag=1;from-tag=2;early-only\r\n",
        ),
        4 => ("OPTIONS", "sip:pbx", ""),
        5 | 6 => (
            "SUBSCRIBE",
            "sip:101@pbx",
            "Event: dialog;id=7\r\nExpires: 600\r\n",
        ),
        7 => (
            "REFER",
            "sip:101@pbx",
            "Refer-To: <sip:102@pbx?Replaces=a%3Bto-tag%3D1>\r\n",
        ),
        _ => ("BYE", "sip:101@pbx", ""),
    };
    let contact = format!("Contact: {}\r\n{more}", phone.contact);
    let to = if method == "REGISTER" {
        "<sip:100@pbx>"
    } else {
        "<sip:101@pbx>"
    };
    let headers = phone.authorization(method, uri) + &contact;
    let request = phone.request(method, uri, to, &headers);
    if method != "INVITE" {
        return request;
    }
    let typed = format!(
        "Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{SDP}",
        SDP.len()
    );
    request.replace("Content-Length: 0\r\n\r\n", &typed)
}

/// A few bytes are changed, lost, doubled or cut off.
fn damage(mut message: Vec<u8>, ids: &mut Ids) -> Vec<u8> {
    for _ in 0..=ids.below(4) {
        let length = u32::try_from(message.len()).expect("a short message");
        let at = ids.below(length) as usize;
        match ids.below(5) {
            0 => message[at] = u8::try_from(ids.below(256)).expect("a byte"),
            1 => message.truncate(at.max(1)),
            2 => drop(message.remove(at)),
            3 => message.insert(at, b"\r\n:;,<>\"\0%="[ids.below(11) as usize]),
            _ => message.extend_from_within(at..),
        }
        if message.is_empty() {
            break;
        }
    }
    message
}
