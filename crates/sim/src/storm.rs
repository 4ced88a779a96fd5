//! Storms: phones whose users do as they please, over a network as bad as can be. Whatever they do, nothing is left
//! over in the end and each call has one record.

use crate::{Disk, Happened, Link, Manner, Office, Phone, PhoneId, Random, Way};
use model::Duration;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A storm. The same one gives the same steps and the same run each time.
#[derive(Clone, Copy, Debug)]
pub struct Storm {
    /// Which one.
    pub seed: u64,
    /// How many phones there are: every fourth is a second one of an extension, every fifth is behind an address
    /// translator.
    pub phones: usize,
    /// For how long they do as they please.
    pub lasts: Duration,
}

/// One thing that one user does.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// When, from the beginning.
    pub at: Duration,
    /// At which phone.
    pub phone: usize,
    /// What. It does nothing where it makes no sense.
    pub act: Act,
}

/// What a user does.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// Calls the extension of a phone, perhaps his own.
    Dial(usize),
    /// Calls it without an offer.
    DialWithoutOffer(usize),
    /// Dials something else.
    DialCode(&'static str),
    /// Answers.
    Answer,
    /// Lets the caller hear something.
    PlayEarly,
    /// Refuses.
    Refuse(u16),
    /// Gives up.
    Cancel,
    /// Hangs up.
    HangUp,
    /// Holds, or talks again.
    Turn(Way),
    /// Presses a key.
    Press(char),
    /// Presses a key, told by INFO.
    PressByInfo(char),
    /// Registers.
    Register,
    /// Takes the registration back.
    Unregister,
    /// Pulls the plug.
    Vanish,
    /// Plugs the phone in again.
    Restart,
    /// Elsewhere: the administrator lets a second call ring, or not.
    CallWaiting(bool),
    /// Elsewhere: the disk is slow from here on, or stuck.
    Disk(Disk),
    /// Elsewhere: somebody sets the server's clock.
    Jump(i64),
}

/// What became of a storm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weathered {
    /// Calls that the server knew.
    pub calls: usize,
    /// Those that were answered by a phone.
    pub answered: usize,
    /// What phones went through.
    pub happened: usize,
}

/// What a storm left behind, and the fewest steps that were found to lead to it.
#[derive(Debug)]
pub struct Wreck {
    /// What is wrong.
    pub what: String,
    /// What led to it.
    pub steps: Vec<Step>,
    /// Where the capture is.
    pub capture: String,
}

impl Storm {
    /// What the users do.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut random = Random::new(self.seed);
        let mut at = Duration::ZERO;
        let mut steps = Vec::new();
        let phones = u64::try_from(self.phones).unwrap_or(1);
        while at < self.lasts {
            // One in four does something in the very moment in which another one does.
            if random.below(4) > 0 {
                at += Duration::from_millis(random.below(16_000 / phones));
            }
            let phone = usize::try_from(random.below(phones)).unwrap_or(0);
            let act = act(&mut random, phones);
            steps.push(Step { at, phone, act });
        }
        steps
    }

    /// Lets the users do these steps and says what became of it.
    ///
    /// # Errors
    /// What is left over, or where the server panicked.
    pub fn run(&self, steps: &[Step]) -> Result<Weathered, String> {
        self.run_in(steps).map_err(|(what, _)| what)
    }

    /// Looks for fewer steps that still end in a wreck, and keeps a capture of them.
    #[must_use]
    pub fn investigate(&self, name: &str, what: String, steps: Vec<Step>) -> Wreck {
        let (what, steps) = shorten(what, steps, |steps| self.run(steps).err());
        let pcap = self.run_in(&steps).err().map(|(_, pcap)| pcap);
        let capture = crate::capture::keep(name, self.seed, &pcap.unwrap_or_default());
        Wreck {
            what,
            steps,
            capture,
        }
    }

    /// What the network is like: each seed has one kind.
    fn network(&self) -> Link {
        let (latency_ms, jitter_ms, loss_permille, doubled_permille) = match self.seed % 4 {
            0 => (0, 0, 0, 0),
            1 => (300, 400, 150, 50),
            _ => (10, 80, 50, 30),
        };
        Link {
            latency: Duration::from_millis(latency_ms),
            jitter: Duration::from_millis(jitter_ms),
            loss_permille,
            doubled_permille,
        }
    }

    fn run_in(&self, steps: &[Step]) -> Result<Weathered, (String, Vec<u8>)> {
        let mut office = Office::new(self.seed);
        let weathered = catch_unwind(AssertUnwindSafe(|| self.weather(&mut office, steps)));
        let what = match weathered {
            Ok(Ok(weathered)) => return Ok(weathered),
            Ok(Err(what)) => what,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text =
                    text.or_else(|| panic.downcast_ref().map(|text: &&str| (*text).to_owned()));
                text.unwrap_or_else(|| "a panic".to_owned())
            }
        };
        Err((what, office.pcap()))
    }

    fn weather(&self, office: &mut Office, steps: &[Step]) -> Result<Weathered, String> {
        let phones: Vec<PhoneId> = (0..self.phones)
            .map(|place| settle(office, place))
            .collect();
        office.run_for(Duration::from_secs(2));
        office.set_link(self.network());
        let begin = office.now().mono;
        for (place, step) in steps.iter().enumerate() {
            let until = begin + step.at;
            office.run_for(until.since(office.now().mono));
            if place % LISTENS_EVERY == 0 {
                listen(office, &phones)?;
            }
            match step.act {
                Act::CallWaiting(on) => {
                    let number = extension(step.phone);
                    office.configure_extension(&number, |known| known.call_waiting = on);
                }
                Act::Disk(disk) => office.set_disk(disk),
                Act::Jump(by_ms) => office.jump(by_ms),
                _ => {}
            }
            if let Some(id) = phones.get(step.phone) {
                let number = match step.act {
                    Act::Dial(other) | Act::DialWithoutOffer(other) => extension(other),
                    _ => String::new(),
                };
                do_it(&mut office[*id], step.act, &number);
            }
        }
        office.set_link(Link {
            latency: Duration::from_millis(5),
            ..Link::default()
        });
        office.set_disk(Disk::Takes(Duration::from_millis(3)));
        for id in &phones {
            office[*id].hang_up_all();
        }
        let idle = office.run_until_idle(CALMS_DOWN);
        // What was given up is forgotten a while after the last phone knows it.
        office.run_for(Duration::from_secs(70));
        if let Some(left) = office.left_over() {
            return Err(left);
        }
        if !idle {
            return Err("phones are left with calls".to_owned());
        }
        talk(office, &phones)?;
        let happened = phones.iter().map(|id| office[*id].log().len());
        Ok(Weathered {
            calls: office.records().len(),
            answered: phones
                .iter()
                .map(|id| office[*id].count(&Happened::Answered))
                .sum(),
            happened: happened.sum(),
        })
    }
}

/// Leaves out steps, half of them at first and single ones in the end, as long as it still goes wrong.
fn shorten<T: Clone>(
    what: String,
    steps: Vec<T>,
    goes_wrong: impl Fn(&[T]) -> Option<String>,
) -> (String, Vec<T>) {
    let (mut what, mut steps) = (what, steps);
    let mut size = steps.len().div_ceil(2);
    let mut runs = 0;
    while size > 0 {
        let mut from = 0;
        while from < steps.len() {
            if runs == RUNS_MAX {
                return (what, steps);
            }
            runs += 1;
            let mut fewer = steps.clone();
            fewer.drain(from..(from + size).min(steps.len()));
            match goes_wrong(&fewer) {
                Some(other) => (what, steps) = (other, fewer),
                None => from += size,
            }
        }
        size /= 2;
    }
    (what, steps)
}

/// Nobody hears more people than he has calls.
fn listen(office: &Office, phones: &[PhoneId]) -> Result<(), String> {
    let within = Duration::from_millis(500);
    for id in phones {
        let phone = &office[*id];
        let is_settled =
            (phone.log().last()).is_some_and(|(at, _)| office.now().mono.since(*at) > within);
        let tones = phone.tones(within);
        if is_settled && phone.is_on() && tones.len() > phone.calls() {
            let (who, calls) = (phone.address(), phone.calls());
            return Err(format!("{who} hears {tones:?} in {calls} calls"));
        }
    }
    Ok(())
}

/// After all that, two phones that are plugged in again can talk.
fn talk(office: &mut Office, phones: &[PhoneId]) -> Result<(), String> {
    let [one, other, ..] = *phones else {
        return Ok(());
    };
    for id in [one, other] {
        office[id].restart();
    }
    let number = office[other].extension().to_owned();
    office.configure_extension(&number, |extension| extension.do_not_disturb = false);
    office[other].manner = Manner::AnswersAfter(Duration::from_secs(1));
    office.run_for(Duration::from_secs(1));
    office[one].dial(&number);
    office.run_for(Duration::from_secs(4));
    let heard = office[one].hears(&office[other]) && office[other].hears(&office[one]);
    office[one].hang_up();
    let idle = office.run_until_idle(Duration::from_secs(10));
    match office.left_over() {
        None if idle && heard => Ok(()),
        left => Err(format!("afterwards: heard {heard}, idle {idle}, {left:?}")),
    }
}

/// Sets up a phone.
fn settle(office: &mut Office, place: usize) -> PhoneId {
    match place % 5 {
        4 => office.phone_behind_nat(&extension(place)),
        _ => office.phone(&extension(place)),
    }
}

fn extension(place: usize) -> String {
    let own = if place % 4 == 3 { place - 1 } else { place };
    (100 + own).to_string()
}

fn act(random: &mut Random, phones: u64) -> Act {
    let other = usize::try_from(random.below(phones)).unwrap_or(0);
    let key = *random.one_of(&['0', '5', '*', '#', 'A']).unwrap_or(&'0');
    match random.below(100) {
        0..20 => Act::Dial(other),
        20..22 => Act::DialWithoutOffer(other),
        22..25 => Act::DialCode(random.one_of(&CODES).copied().unwrap_or("*43")),
        25..50 => Act::Answer,
        50..53 => Act::PlayEarly,
        53..57 => Act::Refuse(*random.one_of(&[486, 603, 480, 404, 302]).unwrap_or(&486)),
        57..60 => Act::Cancel,
        60..67 => Act::HangUp,
        67..80 => {
            let ways = [Way::Talk, Way::SendOnly, Way::Inactive, Way::ZeroAddress];
            Act::Turn(*random.one_of(&ways).unwrap_or(&Way::Talk))
        }
        80..86 => Act::Press(key),
        86..90 => Act::PressByInfo(key),
        90..94 => Act::Register,
        94..95 => Act::Unregister,
        95..97 => Act::Vanish,
        97 => match random.below(3) {
            0 => Act::CallWaiting(random.below(2) == 0),
            1 => Act::Disk(match random.below(3) {
                0 => Disk::Stuck,
                _ => Disk::Takes(Duration::from_millis(random.below(2_000))),
            }),
            _ => Act::Jump(7_200_000 - i64::try_from(random.below(14_400_000)).unwrap_or(0)),
        },
        _ => Act::Restart,
    }
}

fn do_it(phone: &mut Phone, act: Act, number: &str) {
    if !phone.is_on() {
        if let Act::Restart = act {
            phone.restart();
        }
        return;
    }
    match act {
        Act::Dial(_) if phone.calls() < CALLS_MAX => phone.dial(number),
        Act::DialWithoutOffer(_) if phone.calls() < CALLS_MAX => phone.dial_without_offer(number),
        Act::DialCode(code) if phone.calls() < CALLS_MAX => phone.dial(code),
        Act::Dial(_) | Act::DialWithoutOffer(_) | Act::DialCode(_) => phone.hang_up(),
        Act::Answer => phone.answer(),
        Act::PlayEarly => phone.play_early(),
        Act::Refuse(status) => phone.refuse(status),
        Act::Cancel => phone.cancel(),
        Act::HangUp => phone.hang_up(),
        Act::Turn(way) => phone.turn(way),
        Act::Press(key) => phone.press(key),
        Act::PressByInfo(key) => phone.press_by_info(key),
        Act::Register => phone.register(),
        Act::Unregister => phone.unregister(),
        Act::Vanish => phone.vanish(),
        Act::Restart | Act::CallWaiting(_) | Act::Disk(_) | Act::Jump(_) => {}
    }
}

/// What is dialled besides phones.
const CODES: [&str; 8] = ["*43", "*74", "*074", "**11", "**13", "*99", "999", "41"];
/// Calls that a user has at a time.
const CALLS_MAX: usize = 2;
/// The longest that anything goes on by itself: a session timer, and who waits for it.
const CALMS_DOWN: Duration = Duration::from_secs(2_000);
/// After how many steps it is listened who hears whom.
const LISTENS_EVERY: usize = 10;
/// Runs that are tried to shorten the steps.
const RUNS_MAX: u32 = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_steps_only_those_are_left_that_it_takes() {
        let both = |steps: &[u32]| {
            let wrong = steps.contains(&17) && steps.contains(&42);
            wrong.then(|| "wrong".to_owned())
        };
        let (what, steps) = shorten("first".to_owned(), (0..60).collect(), both);
        assert_eq!((what.as_str(), &*steps), ("wrong", &[17, 42][..]));
    }

    #[test]
    fn a_storm_has_the_same_steps_each_time() {
        let storm = |seed| Storm {
            seed,
            phones: 9,
            lasts: Duration::from_secs(10),
        };
        let steps = |seed| format!("{:?}", storm(seed).steps());
        assert_eq!(steps(1), steps(1));
        assert_ne!(steps(1), steps(2));
    }
}
