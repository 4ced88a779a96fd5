//! What is heard of voicemail (manual §2.1): each phone says a tone of its own, which is heard again out of its message.

mod support;

use model::{Duration, Fact, FinalCallee, GreetingKind, Heard, Language, Message, Number};
use sim::{Office, PhoneId, ears};
use support::{SECOND, dials, press};

/// VM-01 VM-02 VM-03 VM-06 VM-09 VM-15 VM-16 VM-18: from one phone through the file to the other, in both languages.
#[test]
fn a_message_is_left_and_heard() {
    for language in [Language::Chinese, Language::English] {
        let (mut office, anna, bob) = office(language);
        office[bob].unregister();
        office.run_for(SECOND);
        let began = speaks(&mut office, anna, "101");
        for phrase in ["VM-34", "VM-35", "VM-33"] {
            assert!(office.hears_prompt(anna, phrase), "{phrase}");
        }
        office.run_for(3 * SECOND);
        press(&mut office, anna, "5");
        office.run_for(2 * SECOND - SECOND / 4);
        press(&mut office, anna, "#");
        assert!(hears(&mut office, anna, "VM-41"), "{}", office.story(20));
        assert!(
            office[anna].is_deaf_to(&office[anna]),
            "nobody hears himself"
        );
        press(&mut office, anna, "2");
        assert!(hears_phone(&mut office, anna, anna), "{}", office.story(20));
        press(&mut office, anna, "1");
        assert!(office.run_until_idle(10 * SECOND), "{}", office.story(20));
        assert!(office.hears_prompt(anna, "VM-40"));
        let message = only_message(&office, "101");
        assert_eq!(message.id, began.id);
        assert_eq!(message.from.number, Some(number("100")));
        assert_eq!(message.from.name, "Owner of 100");
        let length = message.length.as_secs_f64();
        assert!((length - 5.0).abs() < 0.2, "{length} s (VM-03)");
        let samples = office.taken_down(message.id);
        assert_eq!(samples.len(), (length * 8_000.0).round() as usize);
        // The key 5 is 770 Hz and 1336 Hz.
        let second = samples.chunks_exact(8_000);
        for (nth, second) in second.enumerate() {
            for hz in [770.0, 1336.0] {
                let level = ears::level_dbfs(second, 8_000, hz);
                assert!(
                    level < -40.0,
                    "second {nth}: {level} dB of a key at {hz} Hz"
                );
            }
        }
        let voicemail = FinalCallee::Voicemail(number("101"));
        assert_eq!(office.record().final_callee, voicemail);

        office[bob].register();
        office.run_for(SECOND);
        opens(&mut office, bob);
        // Words that sound alike occur in several phrases: all of them are heard out.
        office.run_for(10 * SECOND);
        for phrase in ["VM-01", "VM-03", "VM-57", "VM-05", "D-1", "VM-07", "VM-12"] {
            assert!(office.hears_prompt(bob, phrase), "{phrase}");
        }
        press(&mut office, bob, "1");
        assert!(hears_phone(&mut office, bob, anna), "{}", office.story(20));
        for phrase in ["VM-16", "VM-19", "VM-62"] {
            assert!(office.hears_prompt(bob, phrase), "{phrase}");
        }
        assert_eq!(office.messages("101").new, 0, "it is heard");
        assert!(hears(&mut office, bob, "VM-23"), "{}", office.story(20));
        press(&mut office, bob, "7*#");
        assert!(office.run_until_idle(10 * SECOND), "{}", office.story(20));
        assert!(office.mailbox("101").messages.is_empty());
        assert!(office.taken_down(message.id).is_empty(), "the file is gone");
        assert_eq!(office.left_over(), None);
    }
}

/// VM-02 VM-10: what an owner recorded is what callers hear.
#[test]
fn a_greeting_is_recorded_and_heard_by_callers() {
    let (mut office, anna, bob) = office(Language::Chinese);
    opens(&mut office, bob);
    press(&mut office, bob, "01");
    assert!(hears(&mut office, bob, "VM-47"), "{}", office.story(20));
    office.run_for(6 * SECOND);
    press(&mut office, bob, "#");
    assert!(hears(&mut office, bob, "VM-48"), "{}", office.story(20));
    press(&mut office, bob, "1");
    assert!(hears(&mut office, bob, "VM-49"), "{}", office.story(20));
    let greetings = office.mailbox("101").greetings;
    assert!(greetings.contains_key(&GreetingKind::Unavailable));
    office[bob].hang_up();
    office[bob].unregister();
    office.run_for(SECOND);
    dials(&mut office, anna, "101");
    assert!(hears_phone(&mut office, anna, bob), "{}", office.story(20));
    assert!(hears(&mut office, anna, "VM-33"), "{}", office.story(20));
    assert!(!office.hears_prompt(anna, "VM-35"), "not the system's");
    office[anna].hang_up();
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// VM-03: whoever only hangs up has left a message; silence ends one too.
#[test]
fn a_message_ends_with_the_call_or_with_silence() {
    let (mut office, anna, bob) = office(Language::Chinese);
    office[bob].unregister();
    office.run_for(SECOND);
    speaks(&mut office, anna, "101");
    office.run_for(4 * SECOND);
    office[anna].hang_up();
    assert!(office.run_until_idle(5 * SECOND), "{}", office.story(20));
    let length = only_message(&office, "101").length.as_secs_f64();
    assert!((length - 4.0).abs() < 0.2, "{length}");
    let began = speaks(&mut office, anna, "101");
    office.run_for(4 * SECOND);
    office[anna].say(sim::Says::Nothing);
    office.run_for(9 * SECOND);
    assert!(!office.hears_prompt(anna, "VM-41"), "a pause is no end");
    assert!(hears(&mut office, anna, "VM-41"));
    office[anna].hang_up();
    assert!(office.run_until_idle(5 * SECOND));
    let messages = office.mailbox("101").messages;
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1].id, began.id);
}

/// VM-08: a pause is silence, and three seconds are heard again.
#[test]
fn a_message_is_paused_and_wound_back() {
    let (mut office, anna, bob) = office(Language::Chinese);
    office[bob].unregister();
    office.run_for(SECOND);
    speaks(&mut office, anna, "101");
    office.run_for(6 * SECOND);
    office[anna].hang_up();
    office.run_for(SECOND);
    office[bob].register();
    office.run_for(SECOND);
    opens(&mut office, bob);
    press(&mut office, bob, "1#");
    assert!(hears_phone(&mut office, bob, anna), "{}", office.story(20));
    office.run_for(3 * SECOND);
    press(&mut office, bob, "0");
    office.run_for(5 * SECOND);
    assert!(office[bob].is_deaf_to(&office[anna]), "paused");
    press(&mut office, bob, "*");
    // Without going back there would be less than two seconds left.
    office.run_for(4 * SECOND);
    assert!(office[bob].hears(&office[anna]));
    assert!(!office.hears_prompt(bob, "VM-23"));
    assert!(hears(&mut office, bob, "VM-23"), "{}", office.story(20));
    office[bob].hang_up();
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// VM-03, IX-28: a server that dies keeps what was said until then.
#[test]
fn a_message_survives_the_death_of_the_server() {
    let (mut office, anna, bob) = office(Language::Chinese);
    office[bob].unregister();
    office.run_for(SECOND);
    let began = speaks(&mut office, anna, "101");
    office.run_for(5 * SECOND);
    office.restart();
    let message = only_message(&office, "101");
    assert_eq!(message.id, began.id);
    assert_eq!(message.heard, Heard::New);
    let length = message.length.as_secs_f64();
    assert!(
        (4.0..=5.1).contains(&length),
        "up to the last second: {length}"
    );
    assert!(holds_tone(&office.taken_down(message.id), 1_790.0));
}

/// VM-01: from outside, in the system's language.
#[test]
fn a_caller_from_outside_leaves_a_message() {
    let mut office = Office::new(3);
    let [bob] = office.phones(["101"]);
    office.configure_extension("101", |extension| extension.voicemail = true);
    let carrier = office.carrier("carrier", "101");
    office[bob].unregister();
    office.run_for(SECOND);
    speaks(&mut office, carrier, "02885337100");
    assert!(office.hears_prompt(carrier, "VM-34"));
    office.run_for(4 * SECOND);
    office[carrier].hang_up();
    assert!(office.run_until_idle(5 * SECOND), "{}", office.story(20));
    let message = only_message(&office, "101");
    assert!(holds_tone(&office.taken_down(message.id), 2_330.0));
}

/// Figures of voicemail: something is heard within 200 ms after the answer.
#[test]
fn a_prompt_begins_at_once() {
    for dialled in ["*61", "101"] {
        let (mut office, anna, bob) = office(Language::Chinese);
        office.configure_extension("100", |extension| extension.voicemail = true);
        office[bob].unregister();
        office.run_for(SECOND);
        dials(&mut office, anna, dialled);
        office.run_for(Duration::from_millis(200));
        let heard = office[anna].heard_within(SECOND);
        let loudest = heard.iter().map(|sample| sample.unsigned_abs()).max();
        assert!(loudest > Some(500), "{dialled}: {loudest:?}");
    }
}

/// IX-30: many open their mailboxes at once, and each hears every word.
#[test]
fn many_open_their_mailboxes_at_once() {
    let mut office = Office::new(5);
    let numbers: Vec<_> = (100..130).map(|n| n.to_string()).collect();
    let phones: Vec<_> = numbers.iter().map(|number| office.phone(number)).collect();
    for number in &numbers {
        office.configure_extension(number, |extension| extension.voicemail = true);
    }
    for phone in &phones {
        office[*phone].dial("*61");
    }
    office.run_for(SECOND);
    for key in "1234#".chars() {
        for phone in &phones {
            office[*phone].press(key);
        }
        office.run_for(SECOND / 4);
    }
    office.run_for(6 * SECOND);
    for phone in &phones {
        assert!(office.hears_prompt(*phone, "VM-06"));
        office[*phone].hang_up();
    }
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// Anna at 100, and Bob at 101, who has a mailbox.
fn office(language: Language) -> (Office, PhoneId, PhoneId) {
    let mut office = Office::new(1);
    let [anna, bob] = office.phones(["100", "101"]);
    office.configure(|directory| directory.system.language = language);
    office.configure_extension("101", |extension| extension.voicemail = true);
    (office, anna, bob)
}

/// Somebody calls in vain, hears the greeting and the tone, and speaks from here on.
fn speaks(office: &mut Office, caller: PhoneId, number: &str) -> Message {
    let begun = |office: &Office| {
        let facts = office.facts().iter().rev();
        let mut messages = facts.filter_map(|fact| match fact {
            Fact::MessageBegun { message, .. } => Some(message.clone()),
            _ => None,
        });
        messages.next()
    };
    let before = begun(office);
    dials(office, caller, number);
    assert!(
        office.run_until(30 * SECOND, |office| begun(office) != before),
        "{}",
        office.story(20)
    );
    begun(office).expect("a message is begun")
}

/// Whether a phrase is heard within the next while.
fn hears(office: &mut Office, phone: PhoneId, phrase: &'static str) -> bool {
    within(office, |office| office.hears_prompt(phone, phrase))
}

/// Whether a phone hears another's tone within the next while.
fn hears_phone(office: &mut Office, phone: PhoneId, other: PhoneId) -> bool {
    within(office, |office| office[phone].hears(&office[other]))
}

/// Looked at twice a second: to listen for a phrase is work.
fn within(office: &mut Office, what: impl Fn(&Office) -> bool) -> bool {
    (0..40).any(|_| {
        office.run_for(SECOND / 2);
        what(office)
    })
}

/// Bob dials `*61` and the PIN.
fn opens(office: &mut Office, bob: PhoneId) {
    dials(office, bob, "*61");
    office.run_for(6 * SECOND);
    press(office, bob, "1234#");
}

fn only_message(office: &Office, of: &str) -> Message {
    let messages = office.mailbox(of).messages;
    assert_eq!(messages.len(), 1, "{messages:?}");
    messages[0].clone()
}

/// Whether a file holds a tone from its beginning to its end. The first phone's is 1,790 Hz, the second's 2,330 Hz.
fn holds_tone(samples: &[i16], hz: f64) -> bool {
    ears::share_heard(samples, 8_000, hz) > 0.9
}

fn number(text: &str) -> Number {
    text.parse().expect("a number")
}
