//! A name server of our own, and what is found by asking it.

use super::*;
use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, NAPTR, SRV};
use hickory_resolver::proto::rr::{Name, Record};
use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::str::FromStr;

type Zone = BTreeMap<(String, RecordType), Vec<(u32, RData)>>;

/// Answers from a zone until the test ends.
fn serve(zone: Zone) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("its address");
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let query = Message::from_vec(&buffer[..length]).expect("a query");
            let mut answer = Message::response(query.metadata.id, OpCode::Query);
            answer.metadata.recursion_available = true;
            for question in &query.queries {
                answer.add_query(question.clone());
                let name = question.name().to_utf8().to_ascii_lowercase();
                let known = zone.get(&(name.clone(), question.query_type()));
                for (ttl, data) in known.into_iter().flatten() {
                    let name = question.name().clone();
                    answer.add_answer(Record::from_rdata(name, *ttl, data.clone()));
                }
                if !zone.keys().any(|(known, _)| *known == name) {
                    answer.metadata.response_code = ResponseCode::NXDomain;
                }
            }
            let bytes = answer.to_vec().expect("an answer");
            let _ = socket.send_to(&bytes, from);
        }
    });
    address
}

fn name(text: &str) -> Name {
    Name::from_str(text).expect("a name")
}

fn a(address: &str) -> (u32, RData) {
    (300, RData::A(A(address.parse().expect("an address"))))
}

fn srv(priority: u16, port: u16, host: &str) -> (u32, RData) {
    (60, RData::SRV(SRV::new(priority, 0, port, name(host))))
}

fn naptr(order: u16, services: &str, replacement: &str) -> (u32, RData) {
    let bytes = |text: &str| text.as_bytes().to_vec().into_boxed_slice();
    let naptr = NAPTR::new(
        order,
        10,
        bytes("s"),
        bytes(services),
        bytes(""),
        name(replacement),
    );
    (600, RData::NAPTR(naptr))
}

/// A carrier with everything.
fn carrier() -> Zone {
    let entry = |name: &str, kind, records: Vec<_>| ((name.to_owned(), kind), records);
    Zone::from([
        entry(
            "carrier.example.",
            RecordType::NAPTR,
            vec![
                naptr(20, "SIP+D2U", "_sip._udp.carrier.example."),
                naptr(10, "SIPS+D2T", "_sips._tcp.carrier.example."),
                naptr(5, "E2U+sip", "_enum.carrier.example."),
            ],
        ),
        entry(
            "_sip._udp.carrier.example.",
            RecordType::SRV,
            vec![
                srv(20, 5062, "b.carrier.example."),
                srv(10, 5060, "a.carrier.example."),
            ],
        ),
        entry(
            "_sips._tcp.carrier.example.",
            RecordType::SRV,
            vec![srv(10, 5061, "a.carrier.example.")],
        ),
        entry(
            "a.carrier.example.",
            RecordType::A,
            vec![a("192.0.2.1"), a("192.0.2.2")],
        ),
        entry(
            "b.carrier.example.",
            RecordType::AAAA,
            vec![(
                30,
                RData::AAAA(AAAA("2001:db8::1".parse().expect("an address"))),
            )],
        ),
        entry("plain.example.", RecordType::A, vec![a("192.0.2.9")]),
        entry(
            "_sip._udp.gone.example.",
            RecordType::SRV,
            vec![srv(0, 0, ".")],
        ),
        entry("gone.example.", RecordType::A, vec![a("192.0.2.8")]),
    ])
}

/// What is found: places as text, and for how long.
async fn found(
    dns: &Dns,
    host: &str,
    port: Option<u16>,
    transport: TrunkTransport,
) -> Option<(Vec<String>, Duration)> {
    let servers = dns.servers(host, port, transport).await?;
    let places = servers.places.iter();
    let places = places.map(|(transport, at)| format!("{transport} {at}"));
    Some((places.collect(), servers.valid_for))
}

/// AD-07
#[tokio::test]
async fn a_carrier_is_found_by_naptr_srv_and_addresses() {
    let dns = Dns::start(&[serve(carrier())]);
    let udp = TrunkTransport::Udp;
    let (places, valid_for) = found(&dns, "carrier.example", None, udp)
        .await
        .expect("found");
    let both = [
        "UDP 192.0.2.1:5060",
        "UDP 192.0.2.2:5060",
        "UDP [2001:db8::1]:5062",
    ];
    let mut sorted = places.clone();
    sorted.sort();
    assert_eq!(sorted, both, "{places:?}");
    assert_eq!(places[2], both[2], "the second priority comes last");
    let least = Duration::from_secs(30);
    assert!(
        valid_for <= least && valid_for > Duration::from_secs(20),
        "{valid_for:?}"
    );
    // NAPTR prefers TLS.
    let auto = TrunkTransport::Auto;
    let (places, _) = found(&dns, "carrier.example", None, auto)
        .await
        .expect("found");
    assert!(
        places.iter().all(|place| place.starts_with("TLS ")),
        "{places:?}"
    );
    assert_eq!(places.len(), 2);
}

#[tokio::test]
async fn a_host_without_services_is_its_address_and_the_usual_port() {
    let dns = Dns::start(&[serve(carrier())]);
    for (transport, place) in [
        (TrunkTransport::Udp, "UDP 192.0.2.9:5060"),
        (TrunkTransport::Tcp, "TCP 192.0.2.9:5060"),
        (TrunkTransport::Tls, "TLS 192.0.2.9:5061"),
        (TrunkTransport::Auto, "UDP 192.0.2.9:5060"),
    ] {
        let (places, _) = found(&dns, "plain.example", None, transport)
            .await
            .expect("found");
        assert_eq!(places, [place]);
    }
}

#[tokio::test]
async fn a_port_that_is_set_counts_and_srv_does_not() {
    let dns = Dns::start(&[serve(carrier())]);
    let udp = TrunkTransport::Udp;
    let (places, _) = found(&dns, "a.carrier.example", Some(5070), udp)
        .await
        .expect("found");
    assert_eq!(places.len(), 2);
    assert!(
        places.iter().all(|place| place.ends_with(":5070")),
        "{places:?}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let dns = Dns::start(&[serve(carrier())]);
    let udp = TrunkTransport::Udp;
    assert_eq!(found(&dns, "nowhere.example", None, udp).await, None);
    // SRV says that there is no such service, whatever address the host has.
    assert_eq!(found(&dns, "gone.example", None, udp).await, None);
    assert_eq!(found(&dns, "..", None, udp).await, None);
}

#[test]
fn the_greater_the_weight_the_more_often_a_server_is_first() {
    let target = |host: &str, priority, weight| Target {
        priority,
        weight,
        port: 5060,
        host: host.to_owned(),
    };
    let all = || {
        vec![
            target("c", 2, 0),
            target("b", 1, 10),
            target("a", 1, 90),
            target("z", 1, 0),
        ]
    };
    let mut draws = 0_u32;
    let mut firsts = BTreeMap::<String, u32>::new();
    for _ in 0..1_010 {
        let order = ordered(all(), || {
            draws += 1;
            draws.wrapping_mul(2_654_435_761) >> 8
        });
        assert_eq!(order.len(), 4);
        assert_eq!(order[3].host, "c");
        *firsts.entry(order[0].host.clone()).or_default() += 1;
    }
    assert!(firsts["a"] > 800 && firsts["b"] > 50, "{firsts:?}");
}

#[test]
fn the_system_s_name_servers_are_those_of_its_file() {
    let text = "# comment\nsearch lan\nnameserver 192.0.2.53\noptions edns0\nnameserver 2001:db8::53\nnameserver\nnameserver x\n";
    let servers = system_servers(text);
    assert_eq!(
        servers,
        [
            "192.0.2.53:53".parse().expect("one"),
            "[2001:db8::53]:53".parse().expect("one")
        ]
    );
    assert_eq!(system_servers(""), []);
}
