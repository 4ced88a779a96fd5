//! Who guesses passwords is no longer heard.

use model::{Duration, Time};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv6Addr};

/// Counts failed logins by address and bans those that fail too often.
///
/// The caller reports a failure only when its nonce was issued to that address, so nobody can ban
/// somebody else's phone by writing its address into a datagram (DESIGN §11).
#[derive(Debug, Default)]
pub(crate) struct Guard {
    suspects: BTreeMap<IpAddr, Suspect>,
    /// When to look at whom again, to forget it.
    ends: BTreeSet<(Time, IpAddr)>,
}

#[derive(Debug)]
struct Suspect {
    /// When the last failures were, the oldest first; fewer than [`FAILURES_MAX`].
    failures: VecDeque<Time>,
    /// Until when it is not heard.
    banned_until: Option<Time>,
    /// How long its last ban was.
    last_ban: Option<Duration>,
    /// Under which time it stands in `ends`.
    ends: Time,
}

/// What a failed login led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// It was noted.
    Noted,
    /// The address is not heard for so long.
    Banned(Duration),
}

impl Guard {
    /// Whether nothing is to be heard from this address.
    pub(crate) fn is_banned(&self, now: Time, address: IpAddr) -> bool {
        // Nearly always empty, and asked for every message.
        !self.suspects.is_empty()
            && self
                .suspects
                .get(&party(address))
                .and_then(|suspect| suspect.banned_until)
                .is_some_and(|until| now < until)
    }

    /// Notes a failed login.
    pub(crate) fn failed(&mut self, now: Time, address: IpAddr) -> Consequence {
        let address = party(address);
        self.make_room(address);
        let suspect = self.suspects.entry(address).or_insert_with(|| Suspect {
            failures: VecDeque::new(),
            banned_until: None,
            last_ban: None,
            ends: now,
        });
        while suspect
            .failures
            .front()
            .is_some_and(|&first| now.since(first) >= FAILURES_WITHIN)
        {
            suspect.failures.pop_front();
        }
        suspect.failures.push_back(now);
        let consequence = if suspect.failures.len() < FAILURES_MAX {
            Consequence::Noted
        } else {
            suspect.failures.clear();
            let ban = suspect
                .last_ban
                .map_or(BAN_FIRST, |last| last.saturating_mul(2).min(BAN_MAX));
            suspect.last_ban = Some(ban);
            suspect.banned_until = Some(now + ban);
            Consequence::Banned(ban)
        };
        let ends = match (suspect.banned_until, suspect.last_ban) {
            (Some(until), Some(_)) => until + REMEMBERED,
            _ => now + FAILURES_WITHIN,
        };
        self.ends.remove(&(suspect.ends, address));
        suspect.ends = ends;
        self.ends.insert((ends, address));
        consequence
    }

    /// How many addresses are banned.
    pub(crate) fn bans(&self, now: Time) -> usize {
        self.suspects
            .values()
            .filter(|suspect| suspect.banned_until.is_some_and(|until| now < until))
            .count()
    }

    /// Forgets those that have behaved for long enough.
    pub(crate) fn timeout(&mut self, now: Time) {
        while let Some(&(ends, address)) = self.ends.first()
            && ends <= now
        {
            self.ends.pop_first();
            self.suspects.remove(&address);
        }
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.ends.first().map(|&(ends, _)| ends)
    }

    /// Forgets whoever would be forgotten first, when the table is full.
    fn make_room(&mut self, newcomer: IpAddr) {
        if self.suspects.len() >= SUSPECTS_MAX
            && !self.suspects.contains_key(&newcomer)
            && let Some((_, first)) = self.ends.pop_first()
        {
            self.suspects.remove(&first);
        }
    }
}

/// Whom an address stands for: itself, or with IPv6 its /64, which one customer has all of.
fn party(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) => v4,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

/// So many failures within [`FAILURES_WITHIN`] lead to a ban.
const FAILURES_MAX: usize = 5;
/// How long a failure counts.
const FAILURES_WITHIN: Duration = Duration::from_secs(60);
/// The first ban of an address. Each later one is twice as long as the one before.
const BAN_FIRST: Duration = Duration::from_secs(10 * 60);
/// The longest ban.
const BAN_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an address must behave after a ban until its next one is a first one again.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);
/// How many addresses are kept in mind: about 2 MiB.
const SUSPECTS_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn fail(guard: &mut Guard, now: Time, address: IpAddr, times: usize) -> Consequence {
        let mut last = Consequence::Noted;
        for _ in 0..times {
            last = guard.failed(now, address);
        }
        last
    }

    /// SI-11
    #[test]
    fn five_failures_within_a_minute_ban_for_ten_minutes_and_then_twice_as_long() {
        let mut guard = Guard::default();
        let guesser = address("192.0.2.9");
        let mut now = Time(0);
        for minutes in [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440] {
            assert_eq!(fail(&mut guard, now, guesser, 4), Consequence::Noted);
            assert!(!guard.is_banned(now, guesser));
            let ban = MINUTE * minutes;
            assert_eq!(guard.failed(now, guesser), Consequence::Banned(ban));
            assert!(guard.is_banned(now, guesser));
            assert!(!guard.is_banned(now, address("192.0.2.10")));
            assert_eq!(guard.bans(now), 1);
            now = now + ban;
            guard.timeout(now);
            assert!(!guard.is_banned(now, guesser));
            assert_eq!(guard.bans(now), 0);
        }
        now = now + REMEMBERED;
        guard.timeout(now);
        assert!(guard.suspects.is_empty());
        assert_eq!(guard.next_deadline(), None);
        assert_eq!(
            fail(&mut guard, now, guesser, 5),
            Consequence::Banned(BAN_FIRST)
        );
    }

    #[test]
    fn slow_failures_do_not_ban() {
        let mut guard = Guard::default();
        let phone = address("192.0.2.9");
        for n in 0..100 {
            let now = Time(0) + Duration::from_secs(15) * n;
            guard.timeout(now);
            assert_eq!(guard.failed(now, phone), Consequence::Noted);
        }
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address_and_a_mapped_one_as_ipv4() {
        let mut guard = Guard::default();
        let now = Time(0);
        for host in 1..=5 {
            guard.failed(now, address(&format!("2001:db8::{host}")));
        }
        assert!(guard.is_banned(now, address("2001:db8::99")));
        assert!(!guard.is_banned(now, address("2001:db8:0:1::1")));
        fail(&mut guard, now, address("::ffff:192.0.2.1"), 5);
        assert!(guard.is_banned(now, address("192.0.2.1")));
    }

    #[test]
    fn the_table_of_suspects_does_not_grow_without_end() {
        let mut guard = Guard::default();
        for n in 0..SUSPECTS_MAX + 100 {
            let bits = 0x0a00_0000 + u32::try_from(n).unwrap();
            guard.failed(Time(n as u64), IpAddr::V4(bits.into()));
        }
        assert_eq!(guard.suspects.len(), SUSPECTS_MAX);
        assert_eq!(guard.ends.len(), SUSPECTS_MAX);
    }
}
