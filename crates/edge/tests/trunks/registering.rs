//! We tell a trunk where we are.

use super::support::{Line, Office, header, sdp};
use super::{account, party};
use edge::{TrunkState, TrunkView};
use model::{Cause, Input, LegEvent, Origin, Password, Trunk, TrunkHealth, TrunkKind};
use sip::message::{Message, Name, Request};
use std::time::Duration;

/// A carrier that we register with.
fn registrar() -> Trunk {
    Trunk {
        kind: TrunkKind::Register,
        health: TrunkHealth::None,
        ..account()
    }
}

fn office() -> Office {
    let mut office = Office::with(&["100"]);
    office.trunk(registrar(), &["carrier"]);
    office
}

fn view(office: &Office) -> TrunkView {
    let mut all = office.edge.trunks(office.now);
    all.next().expect("a trunk")
}

fn state(office: &Office) -> TrunkState {
    view(office).state
}

/// The REGISTER that a place got, answered like this.
fn answer(office: &mut Office, place: &'static str, status: u16, headers: &str) -> Request {
    let register = office.hear_request(place, "REGISTER");
    let line = Line::called(place, &register, 1);
    office.say(place, &line.reply(&register, status, headers, ""));
    register
}

/// The trunk takes us, for so long.
fn granted(office: &mut Office, seconds: u32) -> Request {
    answer(office, "carrier", 200, &format!("Expires: {seconds}\r\n"))
}

fn challenge(nonce: &str) -> String {
    format!(
        "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"{nonce}\", qop=\"auth\", algorithm=SHA-256\r\n"
    )
}

/// How many REGISTERs come in a time, each answered by a function of its number.
fn storm(office: &mut Office, time: Duration, mut say: impl FnMut(u32) -> (u16, String)) -> u32 {
    let mut count = 0;
    let step = Duration::from_millis(500);
    let mut left = time;
    while !left.is_zero() {
        office.after(step);
        left = left.saturating_sub(step);
        while let Some(Message::Request(register)) = office.hear("carrier") {
            count += 1;
            let (status, headers) = say(count);
            let line = Line::called("carrier", &register, 1);
            let reply = line.reply(&register, status, &headers, "");
            office.say("carrier", &reply);
        }
    }
    count
}

/// AD-07
#[test]
fn a_trunk_is_told_where_we_are_and_again_before_it_forgets() {
    let mut office = office();
    assert_eq!(state(&office), TrunkState::NotRegistered);
    let first = answer(&mut office, "carrier", 401, &challenge("n"));
    assert_eq!(first.uri(), "sip:carrier.example");
    assert!(header(&first, Name::From).starts_with("<sip:me@carrier.example>;tag="));
    assert_eq!(header(&first, Name::To), "<sip:me@carrier.example>");
    assert_eq!(first.header(Name::Authorization), None);
    let second = granted(&mut office, 300);
    assert!(header(&second, Name::Authorization).contains("nc=00000001"));
    let contact = header(&second, Name::Contact);
    assert!(
        contact.starts_with("<sip:me@192.0.2.1:5060;line="),
        "{contact}"
    );
    assert_eq!(first.call_id(), second.call_id());
    assert_eq!(state(&office), TrunkState::Up);
    assert_eq!(view(&office).registered_for, Some(Duration::from_secs(300)));
    // Well before the end, and with the credentials that are known.
    office.after(Duration::from_secs(149));
    office.hear_nothing("carrier");
    office.after(Duration::from_secs(77));
    let third = granted(&mut office, 300);
    assert!(header(&third, Name::Authorization).contains("nc=00000002"));
    assert_eq!(state(&office), TrunkState::Up);
}

/// AD-07
#[test]
fn a_call_to_the_contact_that_we_registered_is_the_trunk_s_wherever_it_comes_from() {
    let mut office = office();
    let register = granted(&mut office, 300);
    while office.told().is_some() {}
    let contact = register.contacts().next().unwrap().unwrap();
    let elsewhere = super::support::place(77);
    let mut line = Line::calling("carrier", "01012345678", contact.uri_text(), 1);
    line.remote = "<sip:02885337100@carrier.example>".to_owned();
    office.say_over(elsewhere, &line.invite("", &sdp(9)));
    let incoming = office.incoming();
    assert_eq!(incoming.origin, Origin::Trunk("carrier".to_owned()));
    assert_eq!(
        incoming.dialled.as_str(),
        "02885337100",
        "To has the number"
    );
    // One who only guesses is a stranger.
    let forged = contact.uri_text().replace(";line=", ";line=0");
    let mut line = Line::calling("carrier", "01012345678", &forged, 2);
    office.say_over(elsewhere, &line.invite("", &sdp(9)));
    office.expect_nothing();
}

#[test]
fn calls_go_out_once_the_trunk_knows_us() {
    let mut office = office();
    let leg = office.call_out("carrier", "119", party("100", ""));
    office.expect(leg, LegEvent::Failed(Cause::Unavailable));
    granted(&mut office, 300);
    office.call_out("carrier", "119", party("100", ""));
    let invite = office.hear_request("carrier", "INVITE");
    assert!(header(&invite, Name::From).starts_with("<sip:100@carrier.example>"));
    assert!(header(&invite, Name::Contact).starts_with("<sip:me@192.0.2.1:5060"));
}

/// What a carrier says may not be what it did.
#[test]
fn a_trunk_that_grants_another_time_in_our_contact_is_renewed_by_that() {
    let mut office = office();
    let register = office.hear_request("carrier", "REGISTER");
    let contact = header(&register, Name::Contact).replace(";expires=600", ";expires=60");
    let line = Line::called("carrier", &register, 1);
    let reply = line
        .reply(&register, 200, "Expires: 3600\r\n", "")
        .replacen(
            "Contact: ",
            &format!("Contact: <sip:other@x>;expires=7, {contact}, "),
            1,
        );
    office.say("carrier", &reply);
    assert_eq!(view(&office).registered_for, Some(Duration::from_secs(60)));
}

#[test]
fn a_registrar_that_wants_more_time_gets_it() {
    let mut office = office();
    answer(&mut office, "carrier", 423, "Min-Expires: 1800\r\n");
    let again = granted(&mut office, 1800);
    assert_eq!(header(&again, Name::Expires), "1800");
    assert_eq!(
        view(&office).registered_for,
        Some(Duration::from_secs(1800))
    );
}

#[test]
fn a_nonce_that_is_too_old_is_renewed_at_once() {
    let mut office = office();
    answer(&mut office, "carrier", 401, &challenge("a"));
    granted(&mut office, 60);
    office.after(Duration::from_secs(50));
    let stale = challenge("b").replace("qop", "stale=true, qop");
    answer(&mut office, "carrier", 401, &stale);
    granted(&mut office, 60);
    assert_eq!(state(&office), TrunkState::Up);
}

/// AD-07
#[test]
fn a_wrong_password_is_not_tried_again_and_again() {
    let mut office = office();
    let tries = storm(&mut office, Duration::from_secs(3_600), |n| {
        (401, challenge(&n.to_string()))
    });
    assert!((2..=20).contains(&tries), "{tries}");
    assert_eq!(state(&office), TrunkState::NotRegistered);
    assert!(
        view(&office).trouble.contains("password"),
        "{}",
        view(&office).trouble
    );
}

/// Whatever a registrar says, it is not asked without end.
#[test]
fn a_registrar_that_says_nonsense_gets_few_requests() {
    type Nonsense = fn(u32) -> (u16, String);
    let table: [Nonsense; 9] = [
        |n| {
            (
                401,
                challenge(&n.to_string()).replace("qop", "stale=true, qop"),
            )
        },
        |_| (401, String::new()),
        |_| (407, "Proxy-Authenticate: Digest\r\n".to_owned()),
        |n| (423, format!("Min-Expires: {}\r\n", 600 + n)),
        |_| (423, "Min-Expires: 99999999999999999999\r\n".to_owned()),
        |_| (503, "Retry-After: 0\r\n".to_owned()),
        |_| (403, "Retry-After: -1\r\n".to_owned()),
        |_| (302, String::new()),
        |_| (200, "Expires: 0\r\n".to_owned()),
    ];
    for (which, say) in table.into_iter().enumerate() {
        let mut office = office();
        let count = storm(&mut office, Duration::from_secs(600), say);
        assert!((1..=30).contains(&count), "{which}: {count}");
        assert_eq!(state(&office), TrunkState::NotRegistered, "{which}");
    }
    // A second at a time is not renewed each second.
    let mut office = office();
    let count = storm(&mut office, Duration::from_secs(600), |_| {
        (200, "Expires: 1\r\n".to_owned())
    });
    assert!(count <= 61, "{count}");
}

#[test]
fn nobody_makes_us_wait_for_longer_than_an_hour() {
    let mut office = office();
    let huge = "Retry-After: 99999999999999999999 (never)\r\n";
    answer(&mut office, "carrier", 503, huge);
    office.after(Duration::from_secs(3_599));
    office.hear_nothing("carrier");
    office.after(Duration::from_secs(2));
    granted(&mut office, 300);
    assert_eq!(state(&office), TrunkState::Up);
}

/// AD-07
#[test]
fn a_registrar_that_is_silent_is_tried_again_until_it_is_back() {
    let mut office = office();
    office.after(Duration::from_secs(33));
    office.forget("carrier");
    assert_eq!(state(&office), TrunkState::NotRegistered);
    assert!(view(&office).trouble.contains("did not answer"));
    office.after_until("carrier", Duration::from_secs(10));
    granted(&mut office, 300);
    assert_eq!(state(&office), TrunkState::Up);
    assert_eq!(view(&office).trouble, "");
}

#[test]
fn what_was_granted_lasts_to_its_end_although_renewing_fails() {
    let mut office = office();
    granted(&mut office, 100);
    office.after_until("carrier", Duration::from_secs(76));
    answer(&mut office, "carrier", 500, "");
    assert_eq!(state(&office), TrunkState::Up);
    office.after(Duration::from_secs(51));
    assert_eq!(state(&office), TrunkState::NotRegistered);
}

/// AD-07
#[test]
fn the_next_place_is_registered_with_where_one_does_not_serve() {
    let mut office = Office::with(&["100"]);
    office.trunk(registrar(), &["first", "carrier"]);
    answer(&mut office, "first", 503, "");
    granted(&mut office, 300);
    // Calls go where we are known.
    office.call_out("carrier", "119", party("100", ""));
    office.hear_request("carrier", "INVITE");
    office.hear_nothing("first");
}

/// AD-07
#[test]
fn a_server_that_ends_takes_its_registration_back() {
    let mut office = office();
    answer(&mut office, "carrier", 401, &challenge("n"));
    granted(&mut office, 300);
    office.tell(|edge, now, _| edge.drain(now));
    assert!(office.edge.is_leaving());
    let farewell = answer(&mut office, "carrier", 200, "");
    assert_eq!(header(&farewell, Name::Expires), "0");
    assert!(header(&farewell, Name::Contact).ends_with(";expires=0"));
    assert!(farewell.header(Name::Authorization).is_some());
    assert!(!office.edge.is_leaving());
    office.after(Duration::from_secs(3_600));
    office.hear_nothing("carrier");
}

#[test]
fn who_never_was_registered_has_no_farewell_to_wait_for() {
    let mut office = office();
    answer(&mut office, "carrier", 403, "");
    office.tell(|edge, now, _| edge.drain(now));
    assert!(!office.edge.is_leaving());
    office.hear_nothing("carrier");
}

#[test]
fn another_password_is_tried_at_once_and_the_old_registration_is_taken_back() {
    let mut office = office();
    granted(&mut office, 300);
    office.set_trunk(Trunk {
        password: Password("other".to_owned()),
        ..registrar()
    });
    let farewell = office.hear_request("carrier", "REGISTER");
    assert_eq!(header(&farewell, Name::Expires), "0");
    let anew = granted(&mut office, 300);
    assert_ne!(anew.call_id(), farewell.call_id());
    assert_ne!(
        header(&anew, Name::Contact),
        header(&farewell, Name::Contact)
    );
    assert_eq!(state(&office), TrunkState::Up);
    // The answer to the farewell changes nothing of the new one.
    let line = Line::called("carrier", &farewell, 1);
    office.say("carrier", &line.reply(&farewell, 200, "", ""));
    assert_eq!(state(&office), TrunkState::Up);
}

#[test]
fn a_setting_that_does_not_concern_it_leaves_a_registration_alone() {
    let mut office = office();
    granted(&mut office, 300);
    office.set_up("100", |extension| extension.name = "Ann".to_owned());
    office.set_trunk(Trunk {
        numbers: vec![super::number("02885337100")],
        ..registrar()
    });
    office.hear_nothing("carrier");
    assert_eq!(state(&office), TrunkState::Up);
    while let Some(told) = office.told() {
        assert!(!matches!(told, Input::Leg(..)));
    }
}
