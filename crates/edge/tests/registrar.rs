//! Phones register, refresh and leave, as bytes on the wire.

mod common;

use common::{Algorithm, Disk, Phone, World, directory, number, secret, tcp, udp};
use model::{Duration, Input, Reachability};
use std::sync::Arc;

fn available(extension: &str) -> Input {
    Input::Reachable(number(extension), Reachability::Available)
}

fn unavailable(extension: &str) -> Input {
    Input::Reachable(number(extension), Reachability::Unavailable)
}

/// SI-01
#[test]
fn a_phone_registers_with_either_digest() {
    for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
        let mut world = World::new();
        let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
        phone.algorithm = algorithm;
        let answer = phone.register(&mut world, "");
        assert_eq!(answer.status(), 200);
        assert_eq!(
            answer.header("Contact"),
            Some("<sip:100@192.0.2.100:5060>;expires=3600")
        );
        assert_eq!(world.told(), [available("100")]);
        assert_eq!(world.edge.registered(), 1);
    }
}

/// SI-01
#[test]
fn the_challenge_offers_md5_then_sha_256_and_remembers_nothing() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    let request = phone.request("REGISTER", "sip:pbx", "<sip:100@pbx>", "");
    world.receive(phone.flow, &request);
    let challenge = world.answer();
    assert_eq!(challenge.status(), 401);
    let offers: Vec<_> = challenge.headers("WWW-Authenticate").collect();
    assert_eq!(offers.len(), 2, "{offers:?}");
    assert!(offers[0].contains("algorithm=MD5") && offers[1].contains("algorithm=SHA-256"));
    for offer in offers {
        assert!(
            offer.contains("realm=\"bellwire\"") && offer.contains("qop=\"auth\""),
            "{offer}"
        );
    }
    assert!(
        challenge
            .header("To")
            .is_some_and(|to| to.contains(";tag="))
    );
    assert_eq!(world.edge.next_deadline(), None, "nothing is kept of it");
}

/// SI-01
#[test]
fn a_phone_that_gives_up_at_sha_256_is_offered_md5_alone() {
    for (agent, offered) in [
        ("baresip v1.0.0 (x86_64/linux)", 1),
        ("baresip v3.9.0 (x86_64/linux)", 2),
        ("Yealink SIP-T46U", 2),
    ] {
        let mut world = World::new();
        let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
        let agent_line = format!("User-Agent: {agent}\r\n");
        let request = phone.request("REGISTER", "sip:pbx", "<sip:100@pbx>", &agent_line);
        world.receive(phone.flow, &request);
        let challenge = world.answer();
        let offers: Vec<_> = challenge.headers("WWW-Authenticate").collect();
        assert_eq!(offers.len(), offered, "{agent}");
        assert!(offers[0].contains("algorithm=MD5"), "{agent}");
    }
}

/// SI-01
#[test]
fn expiry_is_3600_s_unless_asked_within_60_to_7200_s() {
    let cases = [
        ("", "", 3600),
        (";expires=60", "", 60),
        (";expires=7200", "", 7200),
        (";expires=7201", "", 7200),
        (";expires=4294967296", "", 7200),
        ("", "Expires: 120\r\n", 120),
        (";expires=90", "Expires: 120\r\n", 90),
        (";expires=soon", "", 3600),
    ];
    for (param, header, granted) in cases {
        let mut world = World::new();
        let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
        let contact = format!("{header}Contact: {}{param}\r\n", phone.contact);
        let answer = phone.register_with(&mut world, &contact);
        assert_eq!(answer.status(), 200, "{param}{header}");
        let expires = format!(";expires={granted}");
        assert!(
            answer
                .header("Contact")
                .is_some_and(|c| c.ends_with(&expires)),
            "{answer:?}"
        );
        world.told();
        world.pass(Duration::from_secs(granted - 1));
        assert_eq!(world.edge.registered(), 1, "{param}{header}");
        world.pass(Duration::from_secs(1));
        assert_eq!(world.edge.registered(), 0, "{param}{header}");
        assert!(world.stored.is_empty());
        assert_eq!(world.told().last(), Some(&unavailable("100")));
    }
}

/// SI-01
#[test]
fn a_registration_that_is_too_brief_is_refused_with_the_least() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    let answer = phone.register(&mut world, ";expires=59");
    assert_eq!(answer.status(), 423);
    assert_eq!(answer.header("Min-Expires"), Some("60"));
    assert_eq!(world.edge.registered(), 0);
}

/// SI-01
#[test]
fn several_phones_of_an_extension_are_listed_the_preferred_first() {
    let mut world = World::new();
    let mut desk = Phone::new("100", udp("192.0.2.100:5060"));
    let mut cordless = Phone::new("100", udp("192.0.2.101:5060"));
    assert_eq!(desk.register(&mut world, ";q=0.25").status(), 200);
    let answer = cordless.register(&mut world, "");
    assert_eq!(
        answer.headers("Contact").collect::<Vec<_>>(),
        [
            "<sip:100@192.0.2.101:5060>;expires=3600",
            "<sip:100@192.0.2.100:5060>;expires=3600;q=0.250"
        ]
    );
    // A REGISTER without Contact asks for the list.
    world.pass(Duration::from_secs(5));
    let list = desk.register_with(&mut world, "");
    let left: Vec<_> = list.headers("Contact").collect();
    assert!(
        left.len() == 2 && left.iter().all(|c| c.contains("expires=3595")),
        "{left:?}"
    );
    assert_eq!(
        world.told(),
        [available("100")],
        "one phone more is no news"
    );
}

/// SI-01
#[test]
fn the_newest_phone_takes_the_place_of_the_one_that_registered_longest_ago() {
    let mut site = directory();
    let mut extension = (*site.extensions[&number("100")]).clone();
    extension.max_contacts = 2;
    site.extensions.insert(number("100"), Arc::new(extension));
    let mut world = World::with(site, Vec::new());
    let mut phones: Vec<_> = (1..=3)
        .map(|n| Phone::new("100", udp(&format!("192.0.2.10{n}:5060"))))
        .collect();
    for n in [0, 1, 0, 2] {
        assert_eq!(phones[n].register(&mut world, "").status(), 200);
        world.pass(Duration::from_secs(1));
    }
    let mut kept: Vec<_> = world.stored.iter().map(|b| b.contact.as_str()).collect();
    kept.sort_unstable();
    assert_eq!(
        kept,
        ["sip:100@192.0.2.101:5060", "sip:100@192.0.2.103:5060"]
    );
    // More at once than there may ever be is refused, and changes nothing.
    let many = "Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>, <sip:c@192.0.2.1>\r\n";
    assert_eq!(phones[0].register_with(&mut world, many).status(), 403);
    assert_eq!(world.edge.registered(), 2);
}

/// SI-01
#[test]
fn a_phone_unregisters_itself_or_all() {
    let mut world = World::new();
    let mut desk = Phone::new("100", udp("192.0.2.100:5060"));
    let mut cordless = Phone::new("100", udp("192.0.2.101:5060"));
    desk.register(&mut world, "");
    cordless.register(&mut world, "");
    world.told();
    let answer = desk.register(&mut world, ";expires=0");
    assert_eq!(answer.status(), 200);
    let left: Vec<_> = answer.headers("Contact").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(world.told(), []);
    desk.register(&mut world, "");
    let answer = desk.register_with(&mut world, "Contact: *\r\nExpires: 0\r\n");
    assert_eq!((answer.status(), answer.header("Contact")), (200, None));
    assert_eq!((world.edge.registered(), world.stored.len()), (0, 0));
    assert_eq!(world.told(), [unavailable("100")]);
}

#[test]
fn a_star_needs_to_stand_alone_and_to_expire() {
    for headers in [
        "Contact: *\r\n",
        "Contact: *\r\nExpires: 3600\r\n",
        "Contact: *, <sip:100@192.0.2.100>\r\nExpires: 0\r\n",
        "Contact: *\r\nContact: <sip:100@192.0.2.100>\r\nExpires: 0\r\n",
    ] {
        let mut world = World::new();
        let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
        phone.register(&mut world, "");
        assert_eq!(
            phone.register_with(&mut world, headers).status(),
            400,
            "{headers}"
        );
        assert_eq!(world.edge.registered(), 1);
    }
}

/// SI-01: RFC 3261 §10.3 step 7
#[test]
fn an_old_request_undoes_nothing() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    phone.cseq = 10;
    phone.register(&mut world, "");
    for (older, leave) in [
        (3, "Contact: *\r\nExpires: 0\r\n"),
        (5, "Contact: <sip:100@192.0.2.100:5060>;expires=0\r\n"),
    ] {
        phone.cseq = older;
        assert_eq!(
            phone.register_with(&mut world, leave).status(),
            500,
            "{leave}"
        );
        assert_eq!(world.edge.registered(), 1);
    }
    // Another registration of the same contact, after a reboot, has a Call-ID of its own.
    let mut rebooted = Phone::new("100", phone.flow);
    rebooted.call_id = "after-the-reboot".to_owned();
    assert_eq!(rebooted.register(&mut world, "").status(), 200);
    assert_eq!(world.edge.registered(), 1);
}

#[test]
fn a_contact_is_compared_as_a_uri_not_as_text() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    phone.register_with(&mut world, "Contact: <sip:1%30%30@PHONE.invalid>\r\n");
    phone.register_with(&mut world, "m: sip:100@phone.INVALID;expires=60\r\n");
    assert_eq!(world.edge.registered(), 1);
    assert_eq!(world.stored.len(), 1);
}

/// SI-01: RFC 5626
#[test]
fn a_device_with_a_new_address_replaces_itself() {
    let mut world = World::new();
    let instance = ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"";
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    phone.register(&mut world, instance);
    let mut moved = Phone::new("100", udp("192.0.2.150:5060"));
    let answer = moved.register(&mut world, instance);
    assert_eq!(world.edge.registered(), 1);
    assert_eq!(world.stored.len(), 1);
    let contact = answer.header("Contact").expect("a contact");
    assert!(contact.starts_with("<sip:100@192.0.2.150:5060>") && contact.ends_with(instance));
    assert_eq!(answer.header("Require"), None);
}

/// SI-01: RFC 5626 §6
#[test]
fn a_device_may_keep_two_flows() {
    let mut world = World::new();
    let instance = ";+sip.instance=\"<urn:uuid:0>\";reg-id=";
    for (n, address) in [
        (1, "192.0.2.100:5060"),
        (2, "192.0.2.101:5060"),
        (1, "192.0.2.102:5060"),
    ] {
        let mut phone = Phone::new("100", udp(address));
        let contact = format!(
            "Supported: outbound, path\r\nContact: {}{instance}{n}\r\n",
            phone.contact
        );
        let answer = phone.register_with(&mut world, &contact);
        assert_eq!(answer.header("Require"), Some("outbound"));
    }
    assert_eq!(world.edge.registered(), 2);
    assert_eq!(world.stored.len(), 2);
}

/// SI-03
#[test]
fn a_phone_behind_nat_is_reached_where_it_was_seen_and_asked_back_sooner() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("198.51.100.7:40321"));
    phone.contact = "<sip:100@192.168.1.20:5060>".to_owned();
    let answer = phone.register(&mut world, "");
    assert_eq!(
        answer.header("Contact"),
        Some("<sip:100@192.168.1.20:5060>;expires=300")
    );
    assert_eq!(
        answer.flow, phone.flow,
        "the answer goes back through the mapping"
    );
    let via = answer.header("Via").expect("a Via");
    assert!(
        via.contains("rport=40321") && via.contains("received=198.51.100.7"),
        "{via}"
    );
    let view = world
        .edge
        .registrations(world.now)
        .next()
        .expect("a registration");
    assert_eq!(
        (view.contact.as_str(), view.address),
        ("sip:100@192.168.1.20:5060", phone.flow.remote)
    );
    // A shorter time is granted as asked for.
    let answer = phone.register(&mut world, ";expires=120");
    assert_eq!(
        answer.header("Contact"),
        Some("<sip:100@192.168.1.20:5060>;expires=120")
    );
}

/// SI-03
#[test]
fn an_old_phone_that_sends_from_another_port_is_reached_at_its_contact() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:40000"));
    phone.contact = "<sip:100@192.0.2.100:5070>".to_owned();
    let to = "<sip:100@pbx>".to_owned();
    for _ in 0..2 {
        let credentials = phone.authorization("REGISTER", "sip:pbx");
        let headers = format!("{credentials}Contact: {}\r\n", phone.contact);
        let request = phone.request("REGISTER", "sip:pbx", &to, &headers);
        world.receive(phone.flow, &request.replace(";rport", ""));
        let answer = world.next();
        if answer.status() == 401 {
            phone.take_challenge(&answer);
        }
    }
    let view = world
        .edge
        .registrations(world.now)
        .next()
        .expect("a registration");
    assert_eq!(
        view.address,
        "192.0.2.100:5070".parse().expect("an address")
    );
}

/// SI-03
#[test]
fn an_ipv4_phone_on_a_socket_of_both_families_is_not_behind_nat() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("[::ffff:192.0.2.100]:5060"));
    phone.contact = "<sip:100@192.0.2.100:5060>".to_owned();
    let answer = phone.register(&mut world, "");
    assert_eq!(
        answer.header("Contact"),
        Some("<sip:100@192.0.2.100:5060>;expires=3600")
    );
    let view = world
        .edge
        .registrations(world.now)
        .next()
        .expect("a registration");
    assert_eq!(view.address, phone.flow.remote);
}

/// SI-01
#[test]
fn a_phone_registers_only_itself() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    for other in [
        "<sip:101@pbx>",
        "<sip:999@pbx>",
        "<sip:alice@pbx>",
        "<sip:pbx>",
    ] {
        let contact = format!("Contact: {}\r\n", phone.contact);
        let answer = phone.ask(&mut world, "REGISTER", "sip:pbx", other, &contact);
        assert_eq!(answer.status(), 403, "{other}");
    }
    let credentials = phone.authorization("REGISTER", "sip:pbx");
    let headers = format!("{credentials}Contact: {}\r\n", phone.contact);
    let request = phone.request("REGISTER", "sip:pbx", "<sip:100@pbx>", &headers);
    world.receive(
        phone.flow,
        &request.replace("From: <sip:100", "From: <sip:101"),
    );
    assert_eq!(world.answer().status(), 403);
    assert_eq!(world.edge.registered(), 0);
}

/// SI-13
#[test]
fn the_answer_waits_until_the_registration_is_on_disk() {
    let mut world = World::new();
    world.disk = Disk::Stuck;
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    let contact = format!("Contact: {}\r\n", phone.contact);
    let first = phone.request("REGISTER", "sip:pbx", "<sip:100@pbx>", &contact);
    world.receive(phone.flow, &first);
    phone.take_challenge(&world.answer());
    let credentials = phone.authorization("REGISTER", "sip:pbx");
    let headers = format!("{credentials}{contact}");
    let request = phone.request("REGISTER", "sip:pbx", "<sip:100@pbx>", &headers);
    world.receive(phone.flow, &request);
    assert!(world.sent.is_empty());
    assert_eq!(world.told(), [available("100")], "it can be called at once");
    // The phone repeats itself, which is neither a new request nor an old one.
    world.pass(Duration::from_millis(499));
    world.receive(phone.flow, &request);
    assert!(world.sent.is_empty());
    world.pass(Duration::from_millis(1));
    assert_eq!(
        world.answer().status(),
        200,
        "a slow disk delays the answer by 500 ms at most"
    );
    world.commit();
    assert!(world.sent.is_empty(), "it is not sent twice");
    world.receive(phone.flow, &request);
    assert_eq!(world.answer().status(), 200, "a lost answer is repeated");
}

/// SI-13
#[test]
fn after_a_restart_phones_on_udp_can_be_called_at_once() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("198.51.100.7:40321"));
    phone.contact = "<sip:100@192.168.1.20:5060;ob>".to_owned();
    let extra = ";q=0.5;+sip.instance=\"<urn:uuid:1>\";reg-id=1";
    let headers = format!(
        "Supported: outbound\r\nUser-Agent: Desk\t\"7\"\r\nPath: <sip:proxy.example.com;lr>\r\nContact: {}{extra}\r\n",
        phone.contact
    );
    assert_eq!(phone.register_with(&mut world, &headers).status(), 200);
    let before = world.stored.clone();
    let mut world = world.restarted(Duration::from_secs(100));
    assert_eq!(world.stored, before, "the stored form loses nothing");
    assert_eq!(world.told(), [available("100")]);
    let view = world
        .edge
        .registrations(world.now)
        .next()
        .expect("a registration");
    assert_eq!(view.expires, Duration::from_secs(200), "downtime counts");
    assert_eq!(view.address, phone.flow.remote);
    // The nonce from before is stale, and the phone tries again by itself.
    assert_eq!(phone.register_with(&mut world, &headers).status(), 200);
    assert_eq!(world.edge.registered(), 1);
}

/// SI-13
#[test]
fn a_refresh_is_written_only_when_the_stored_one_would_end_too_early() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    let mut writes = Vec::new();
    for _ in 0..6 {
        phone.register(&mut world, ";expires=300");
        let ends = world.stored[0].expires;
        writes.push(ends.0 - world.now.wall.0);
        world.pass(Duration::from_secs(150));
    }
    assert_eq!(
        writes,
        [300_000, 600_000, 450_000, 300_000, 600_000, 450_000],
        "it always lasts as long as the phone was promised, and at most twice as long"
    );
    let mut moved = Phone::new("100", udp("192.0.2.100:5061"));
    moved.contact = phone.contact.clone();
    moved.register(&mut world, ";expires=300");
    assert_eq!(
        world.stored[0].flow.remote, moved.flow.remote,
        "a move is written at once"
    );
    moved.register(&mut world, ";expires=60");
    moved.register(&mut world, ";expires=60");
    assert_eq!(
        world.stored[0].expires,
        world.now.wall + Duration::from_secs(120)
    );
}

/// SI-13
#[test]
fn what_ended_while_the_server_was_down_is_forgotten() {
    let mut world = World::new();
    Phone::new("100", udp("192.0.2.100:5060")).register(&mut world, ";expires=60");
    let mut world = world.restarted(Duration::from_secs(60));
    assert_eq!((world.edge.registered(), world.stored.len()), (0, 0));
    assert_eq!(world.told(), []);
}

/// SI-13
#[test]
fn after_a_restart_a_phone_on_tcp_is_asked_over_a_new_connection_first() {
    let mut world = World::new();
    let mut phone = Phone::new("100", tcp("192.0.2.100:5060", 7));
    phone.register(&mut world, "");
    let mut world = world.restarted(Duration::from_secs(1));
    assert_eq!(
        world.told(),
        [],
        "nobody knows yet whether it takes a connection"
    );
    world.pass(Duration::from_millis(1));
    let question = world.answer();
    assert!(
        question
            .text
            .starts_with("OPTIONS sip:100@192.0.2.100:5060 SIP/2.0\r\n")
    );
    assert_eq!(
        (question.flow.remote, question.flow.connection),
        (phone.flow.remote, None)
    );
    let opened = tcp("192.0.2.100:5060", 1);
    world.receive(opened, &answer_to(&question));
    assert_eq!(world.told(), [available("100")]);
    world.disconnect(opened);
    assert_eq!(world.told(), [unavailable("100")]);
}

/// SI-13
#[test]
fn after_a_restart_a_phone_that_takes_no_connection_stays_registered_but_unreachable() {
    let mut world = World::new();
    let mut phone = Phone::new("100", tcp("192.0.2.100:40000", 7));
    phone.contact = "<sip:100@192.0.2.100:5062;transport=tcp>".to_owned();
    phone.register(&mut world, "");
    let mut world = world.restarted(Duration::from_secs(1));
    world.pass(Duration::from_millis(1));
    let question = world.answer();
    assert_eq!(
        question.flow.remote.port(),
        5062,
        "where its contact says that it listens"
    );
    world.disconnect(question.flow);
    assert_eq!(world.told(), []);
    let view = world
        .edge
        .registrations(world.now)
        .next()
        .expect("a registration");
    assert_eq!(view.reachability, Reachability::Unavailable);
    // It opens a connection itself.
    phone.flow = tcp("192.0.2.100:40100", 1);
    assert_eq!(phone.register(&mut world, "").status(), 200);
    assert_eq!(world.told(), [available("100")]);
    assert_eq!(world.edge.registered(), 1);
}

/// SI-02
#[test]
fn a_phone_on_a_stream_is_registered_as_long_as_its_connection() {
    let mut world = World::new();
    let flow = tcp("192.0.2.100:40000", 7);
    let mut phone = Phone::new("100", flow);
    phone.register(&mut world, "");
    assert_eq!(world.told(), [available("100")]);
    let mut other = Phone::new("101", tcp("192.0.2.100:40001", 8));
    other.register(&mut world, "");
    world.told();
    world.disconnect(flow);
    assert_eq!(world.told(), [unavailable("100")]);
    assert_eq!((world.edge.registered(), world.stored.len()), (1, 1));
}

/// SI-02
#[test]
fn a_phone_that_reconnected_stays_when_its_old_connection_is_found_dead() {
    let mut world = World::new();
    let mut phone = Phone::new("100", tcp("192.0.2.100:40000", 7));
    phone.contact = "<sip:100@192.0.2.100:5060;transport=tcp>".to_owned();
    phone.register(&mut world, "");
    let old = phone.flow;
    phone.flow = tcp("192.0.2.100:40000", 8);
    phone.register(&mut world, "");
    world.told();
    world.disconnect(old);
    assert_eq!(world.told(), []);
    assert_eq!(world.edge.registered(), 1);
}

#[test]
fn an_extension_that_is_removed_or_has_a_new_password_is_registered_no_longer() {
    let mut world = World::new();
    for user in ["100", "101", "102"] {
        Phone::new(user, udp(&format!("192.0.2.{user}:5060"))).register(&mut world, "");
    }
    world.told();
    let mut site = directory();
    site.extensions.remove(&number("100"));
    let mut changed = (*site.extensions[&number("101")]).clone();
    changed.secret = secret("101", "another");
    site.extensions.insert(number("101"), Arc::new(changed));
    world.configure(site);
    assert_eq!(world.told(), [unavailable("100"), unavailable("101")]);
    assert_eq!((world.edge.registered(), world.stored.len()), (1, 1));
}

#[test]
fn what_cannot_be_called_cannot_be_registered() {
    let long = format!("Contact: <sip:{}@192.0.2.1>\r\n", "1".repeat(600));
    for contact in [
        "Contact: <mailto:100@example.com>\r\n",
        "Contact: <sip:>\r\n",
        "Contact: <>\r\n",
        &long,
    ] {
        let mut world = World::new();
        let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
        assert_eq!(
            phone.register_with(&mut world, contact).status(),
            400,
            "{contact}"
        );
        assert_eq!(world.edge.registered(), 0);
    }
}

/// EXT-01
#[test]
fn a_phone_that_falls_silent_is_unavailable_within_60_s_and_back_when_it_answers() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    phone.register(&mut world, "");
    assert_eq!(world.told(), [available("100")]);
    // It answers for ten minutes.
    let mut asked = 0;
    for _ in 0..600 {
        world.pass(Duration::from_secs(1));
        while let Some(question) = world.sent.pop_front() {
            asked += 1;
            assert!(
                question
                    .text
                    .starts_with("OPTIONS sip:100@192.0.2.100:5060 SIP/2.0\r\n")
            );
            world.receive(phone.flow, &answer_to(&question));
        }
    }
    assert!((11..=13).contains(&asked), "asked {asked} times");
    assert_eq!(world.told(), []);
    // It is unplugged.
    world.pass(Duration::from_secs(60));
    assert_eq!(world.told(), [unavailable("100")]);
    assert_eq!(world.edge.registered(), 1, "it is still registered");
    world.pass(Duration::from_secs(300));
    assert_eq!(world.told(), []);
    // It is plugged in again, and answers the next question.
    world.sent.clear();
    while world.sent.is_empty() {
        world.pass(Duration::from_secs(1));
    }
    let question = world.answer();
    world.receive(phone.flow, &answer_to(&question));
    assert_eq!(world.told(), [available("100")]);
}

/// EXT-01
#[test]
fn a_phone_that_registers_again_is_back_at_once() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    phone.register(&mut world, "");
    world.pass(Duration::from_secs(120));
    assert_eq!(world.told(), [available("100"), unavailable("100")]);
    world.sent.clear();
    phone.register(&mut world, "");
    assert_eq!(world.told(), [available("100")]);
}

/// SI-03
#[test]
fn the_way_to_a_phone_behind_nat_is_kept_open() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("198.51.100.7:40321"));
    phone.contact = "<sip:100@192.168.1.20:5060>".to_owned();
    phone.register(&mut world, "");
    let mut silence = 0;
    for _ in 0..290 {
        world.pass(Duration::from_secs(1));
        silence += 1;
        while let Some(question) = world.sent.pop_front() {
            assert_eq!(question.flow, phone.flow);
            world.receive(phone.flow, &answer_to(&question));
            silence = 0;
        }
        assert!(silence < 30, "many translators forget a mapping after 30 s");
    }
    assert_eq!(world.told(), [available("100")]);
}

#[test]
fn questions_to_many_phones_are_spread_over_time() {
    let mut world = World::new();
    for n in 0..50 {
        let mut phone = Phone::new("100", udp(&format!("192.0.2.{n}:5060")));
        phone.user = ["100", "101", "102"][n % 3].to_owned();
        phone.password = format!("secret-{}", phone.user);
        phone.register(&mut world, "");
    }
    let busiest = (0..50)
        .map(|_| {
            world.pass(Duration::from_secs(1));
            let asked = world.sent.len();
            for question in std::mem::take(&mut world.sent) {
                world.receive(question.flow, &answer_to(&question));
            }
            asked
        })
        .max();
    assert!(
        busiest.is_some_and(|asked| asked <= 5),
        "{busiest:?} in one second"
    );
}

/// The 200 of a phone to a request of ours.
fn answer_to(question: &common::Sent) -> String {
    let copy = |name: &str| {
        let value = question.header(name).expect("a whole request");
        format!("{name}: {value}\r\n")
    };
    format!(
        "SIP/2.0 200 OK\r\n{}{}{};tag=phone\r\n{}{}Content-Length: 0\r\n\r\n",
        copy("Via"),
        copy("From"),
        copy("To").trim_end(),
        copy("Call-ID"),
        copy("CSeq")
    )
}
