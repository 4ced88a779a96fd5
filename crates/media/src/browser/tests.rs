//! Two sides on a network with delay and loss, in virtual time. The browser's side is made of the same parts, in
//! the roles that a browser has: it checks and chooses, and begins the handshake.

use super::*;
use dimpl::Config;
use rtp::Time;
use rtp::dtls::{CertificateHash, Credentials, Dtls, Fingerprint, Ice, Role};
use rtp::srtp::Suite;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_browser_that_begins_the_handshake_gets_the_keys_we_get() {
    let mut pair = Pair::new(Role::Server);
    pair.run(Duration::from_secs(2));
    let (ours, theirs) = pair.keys();
    assert_eq!(ours.sends, theirs.receives);
    assert_eq!(ours.receives, theirs.sends);
    assert_eq!(ours.sends.suite(), Suite::AeadAes256Gcm);
    assert_ne!(ours.sends, ours.receives);
    assert_eq!(pair.us.reached, Some(at(BROWSER)));
}

#[test]
fn a_browser_that_waits_for_us_to_begin_gets_the_keys_we_get() {
    let mut pair = Pair::new(Role::Client);
    pair.run(Duration::from_secs(2));
    let (ours, theirs) = pair.keys();
    assert_eq!(ours.sends, theirs.receives);
    assert_eq!(ours.receives, theirs.sends);
}

#[test]
fn a_peer_that_only_answers_checks_is_checked_by_us() {
    let mut pair = Pair::of(Role::Server, Ice::Full);
    pair.run(Duration::from_secs(2));
    let (ours, theirs) = pair.keys();
    assert_eq!(ours.sends, theirs.receives);
    assert_eq!(pair.us.reached, Some(at(BROWSER)));
}

#[test]
fn stronger_hashes_of_the_certificate_are_as_good() {
    for hash in [CertificateHash::Sha384, CertificateHash::Sha512] {
        let mut pair = Pair::new(Role::Server);
        let certificate = pair.them.identity.certificate.certificate.clone();
        pair.us.agreed.fingerprint = identity::hash(hash, &certificate);
        pair.begin();
        pair.run(Duration::from_secs(2));
        pair.keys();
    }
}

#[test]
fn a_certificate_that_was_not_announced_gives_no_keys() {
    for role in [Role::Server, Role::Client] {
        let mut pair = Pair::new(role);
        let other = vec![7; CertificateHash::Sha256.size()];
        pair.us.agreed.fingerprint = Fingerprint::new(CertificateHash::Sha256, other).unwrap();
        pair.begin();
        pair.run(Duration::from_secs(30));
        assert_eq!(pair.us.keys, None, "{role:?}");
        assert_eq!(pair.us.failed, Some(Failure::WrongCertificate), "{role:?}");
    }
}

#[test]
fn any_one_lost_datagram_of_the_handshake_is_sent_again() {
    let mut quick = Pair::new(Role::Server);
    quick.run(Duration::from_secs(2));
    let count = quick.sent;
    assert!((6..40).contains(&count), "{count}");
    for lost in 0..count {
        let mut pair = Pair::new(Role::Server);
        pair.lose = Box::new(move |number| number == lost);
        pair.run(Duration::from_secs(5));
        let (ours, theirs) = pair.keys();
        assert_eq!(ours.sends, theirs.receives, "datagram {lost} was lost");
    }
}

#[test]
fn a_third_of_all_datagrams_may_be_lost() {
    for seed in 0..8 {
        let mut pair = Pair::new(Role::Server);
        pair.lose = Box::new(move |number| mixed(seed, number).is_multiple_of(3));
        pair.run(Duration::from_secs(20));
        let (ours, theirs) = pair.keys();
        assert_eq!(ours.sends, theirs.receives, "seed {seed}");
    }
}

#[test]
fn a_handshake_that_nobody_answers_is_given_up() {
    let mut pair = Pair::new(Role::Client);
    pair.lose = Box::new(|_| false);
    pair.deaf_to = Some(Kind::Dtls);
    pair.run(Duration::from_secs(40));
    assert!(matches!(pair.us.failed, Some(Failure::Failed(_))));
    let sent = pair.us.sent.clone();
    pair.run(Duration::from_secs(60));
    let records = |sent: &[Vec<u8>]| sent.iter().filter(is_record).count();
    assert_eq!(records(&pair.us.sent), records(&sent));
}

#[test]
fn checks_without_our_password_are_not_answered() {
    let mut pair = Pair::new(Role::Server);
    pair.them.agreed.remote = credentials("us00", "anotherpasswordofthem00");
    pair.begin();
    pair.run(Duration::from_secs(5));
    assert!(pair.us.sent.is_empty());
    assert_eq!(pair.us.reached, None);
}

#[test]
fn records_are_not_answered_by_more_than_came_before_the_way_back_is_proven() {
    let mut pair = Pair::new(Role::Server);
    pair.run(Duration::from_secs(2));
    let hello = pair.them.sent.iter().find(is_record).unwrap().clone();
    let mut fresh = Pair::new(Role::Server);
    let mut answered = 0;
    let session = fresh.us.session.as_mut().unwrap();
    for second in 0..10 {
        let now = Time(second * 1_000_000);
        session.receive(now, at(BROWSER), &hello, &mut |_, record| {
            answered += record.len();
        });
        session.timeout(now, &mut |_, record| answered += record.len());
    }
    assert!(answered > 0, "a cookie is sent");
    assert!(
        answered <= hello.len() * 10,
        "{answered} for {}",
        hello.len()
    );
}

#[test]
fn media_goes_where_the_browser_speaks_from_when_it_has_moved() {
    let mut pair = Pair::new(Role::Server);
    pair.run(Duration::from_secs(2));
    pair.them.address = at(MOVED);
    pair.them.restart(&mut pair.us);
    pair.begin_again();
    pair.run(Duration::from_secs(2));
    assert_eq!(pair.us.reached, Some(at(MOVED)));
    assert_eq!(pair.us.secured, 1, "the keys stay");
}

#[test]
fn only_an_address_that_was_chosen_can_draw_media_to_itself() {
    let mut pair = Pair::new(Role::Server);
    pair.run(Duration::from_secs(2));
    let session = pair.us.session.as_mut().unwrap();
    session.heard_from(at(MOVED));
    assert_eq!(session.poll(), None);
    session.heard_from(at(BROWSER));
    assert_eq!(session.poll(), None, "it is used already");
}

#[test]
fn nonsense_is_nothing_and_answered_by_nothing() {
    let mut pair = Pair::new(Role::Server);
    let session = pair.us.session.as_mut().unwrap();
    for first in 0..=255 {
        for length in [0, 1, 12, 13, 20, 100, 1_500] {
            let mut datagram = vec![first; length];
            if let Some(second) = datagram.get_mut(1) {
                *second = 254;
            }
            let mut sent = 0;
            session.receive(Time(5), at(BROWSER), &datagram, &mut |_, _| sent += 1);
            assert_eq!(sent, 0, "{first} {length}");
        }
    }
    pair.run(Duration::from_secs(2));
    pair.keys();
}

mod routing {
    use super::*;
    use model::LegId;

    const LEG: LegId = LegId(7);
    const OTHER: LegId = LegId(9);

    /// A check with our fragment and password, as a browser sends it.
    fn check(ours: Credentials) -> Vec<u8> {
        let mut pair = Pair::new(Role::Server);
        pair.them.agreed.remote = ours;
        pair.begin();
        pair.run(Duration::from_millis(200));
        pair.them.sent.first().unwrap().clone()
    }

    fn agreed() -> Dtls {
        Pair::new(Role::Server).us.agreed
    }

    #[test]
    fn a_check_is_found_by_its_fragment_and_the_rest_by_its_source() {
        let mut router = Router::default();
        router.put(LEG, 3, &agreed());
        let media = [0x80; 20];
        assert_eq!(router.route(at(BROWSER), &media), None);
        let check = check(agreed().local);
        assert_eq!(router.route(at(BROWSER), &check), Some((LEG, 3)));
        assert_eq!(router.route(at(BROWSER), &media), Some((LEG, 3)));
        assert_eq!(router.route(at(BROWSER), &[22; 20]), Some((LEG, 3)));
        assert_eq!(router.route(at(MOVED), &media), None);
        router.moved(LEG, 1);
        assert_eq!(router.route(at(BROWSER), &media), Some((LEG, 1)));
        router.remove(LEG);
        assert_eq!(router.route(at(BROWSER), &media), None);
        assert!(router.is_empty());
    }

    #[test]
    fn a_check_with_a_wrong_password_proves_nothing() {
        let mut router = Router::default();
        router.put(LEG, 0, &agreed());
        let forged = check(credentials("us00", "anotherpasswordofthem00"));
        assert_eq!(router.route(at(BROWSER), &forged), None);
        let unknown = check(credentials("none", PASSWORD));
        assert_eq!(router.route(at(BROWSER), &unknown), None);
        assert_eq!(router.route(at(BROWSER), &[0x80; 20]), None);
        let counts = router.counts();
        assert_eq!((counts.unproven, counts.strangers), (2, 1));
    }

    #[test]
    fn a_source_stays_with_the_leg_that_proved_it_first() {
        let mut router = Router::default();
        router.put(LEG, 0, &agreed());
        let thief = Dtls {
            local: credentials("evil", PASSWORD),
            ..agreed()
        };
        router.put(OTHER, 1, &thief);
        let own = check(agreed().local);
        assert_eq!(router.route(at(BROWSER), &own), Some((LEG, 0)));
        let spoofed = check(thief.local.clone());
        assert_eq!(router.route(at(BROWSER), &spoofed), Some((OTHER, 1)));
        assert_eq!(router.route(at(BROWSER), &[0x80; 20]), Some((LEG, 0)));
        router.remove(OTHER);
        assert_eq!(router.route(at(BROWSER), &[0x80; 20]), Some((LEG, 0)));
    }

    #[test]
    fn a_restart_changes_the_fragment_and_keeps_the_sources() {
        let mut router = Router::default();
        router.put(LEG, 0, &agreed());
        router.route(at(BROWSER), &check(agreed().local));
        let anew = Dtls {
            local: credentials("anew", PASSWORD),
            ..agreed()
        };
        router.put(LEG, 0, &anew);
        assert_eq!(router.route(at(MOVED), &check(agreed().local)), None);
        assert!(router.route(at(MOVED), &check(anew.local)).is_some());
        assert!(router.route(at(BROWSER), &[0x80; 20]).is_some());
    }

    #[test]
    fn a_flood_of_strangers_leaves_nothing_behind() {
        let mut router = Router::default();
        router.put(LEG, 0, &agreed());
        let forged = check(credentials("us00", "anotherpasswordofthem00"));
        for port in 1..=20_000 {
            let from = SocketAddr::from(([203, 0, 113, 7], port));
            for datagram in [&forged[..], &[22; 60], &[0x80; 172], &[255; 9], &[]] {
                assert_eq!(router.route(from, datagram), None);
            }
        }
        router.remove(LEG);
        assert!(router.is_empty());
    }

    #[test]
    fn one_leg_has_only_so_many_sources() {
        let mut router = Router::default();
        router.put(LEG, 0, &agreed());
        let check = check(agreed().local);
        let from = |port| SocketAddr::from(([203, 0, 113, 7], port));
        for port in 1..=1_000 {
            router.route(from(port), &check);
        }
        let learned = (1..=1_000).filter(|port| router.route(from(*port), &[0x80; 20]).is_some());
        assert_eq!(learned.count(), 64);
    }
}

/// Two sides and what is between them.
struct Pair {
    us: Side,
    them: Side,
    now: Time,
    /// Datagrams on their way, by when they arrive.
    way: BTreeMap<(Time, usize), (SocketAddr, SocketAddr, Vec<u8>)>,
    sent: usize,
    lose: Box<dyn Fn(usize) -> bool>,
    /// What the browser does not hear.
    deaf_to: Option<Kind>,
}

struct Side {
    identity: Arc<Identity>,
    address: SocketAddr,
    agreed: Dtls,
    session: Option<Session>,
    keys: Option<Keys>,
    secured: usize,
    reached: Option<SocketAddr>,
    failed: Option<Failure>,
    sent: Vec<Vec<u8>>,
}

impl Pair {
    /// A browser that offers to do either, and us in `role`.
    fn new(role: Role) -> Self {
        Self::of(role, Ice::Lite)
    }

    fn of(role: Role, ice: Ice) -> Self {
        let other = match role {
            Role::Client => Role::Server,
            Role::Server => Role::Client,
        };
        let theirs = match ice {
            Ice::Lite => Ice::Full,
            Ice::Full => Ice::Lite,
        };
        let (our_identity, their_identity) = (identity(), identity());
        let (us, them) = (credentials("us00", PASSWORD), credentials("them", PASSWORD));
        let agreed = |role,
                      ice,
                      fingerprint: &Fingerprint,
                      local: &Credentials,
                      remote: &Credentials,
                      address,
                      peer| Dtls {
            role,
            fingerprint: fingerprint.clone(),
            local: local.clone(),
            remote: remote.clone(),
            ice,
            address,
            candidates: vec![rtp::dtls::Candidate {
                address: peer,
                priority: 2_130_706_431,
                kind: rtp::dtls::CandidateKind::Host,
            }],
        };
        let ours = agreed(
            role,
            ice,
            their_identity.fingerprint(),
            &us,
            &them,
            at(HERE),
            at(BROWSER),
        );
        let their = agreed(
            other,
            theirs,
            our_identity.fingerprint(),
            &them,
            &us,
            at(BROWSER),
            at(HERE),
        );
        let mut pair = Self {
            us: Side::new(our_identity, at(HERE), ours),
            them: Side::new(their_identity, at(BROWSER), their),
            now: Time(0),
            way: BTreeMap::new(),
            sent: 0,
            lose: Box::new(|_| false),
            deaf_to: None,
        };
        pair.begin();
        pair
    }

    /// Both sides begin with what they have agreed on.
    fn begin(&mut self) {
        for side in [&mut self.us, &mut self.them] {
            side.session = Some(Session::new(self.now, &side.identity, side.agreed.clone()));
        }
    }

    /// Both sides have agreed anew.
    fn begin_again(&mut self) {
        for side in [&mut self.us, &mut self.them] {
            let (session, agreed) = (side.session.as_mut().unwrap(), side.agreed.clone());
            session.agree(self.now, agreed, &mut |_, _| {});
        }
    }

    fn run(&mut self, so_long: Duration) {
        let end = self.now + so_long;
        while self.now < end {
            self.now = self.now + Duration::from_millis(1);
            while let Some(entry) = self
                .way
                .first_entry()
                .filter(|entry| entry.key().0 <= self.now)
            {
                let (from, to, datagram) = entry.remove();
                let (to_them, deaf) = (to == self.them.address, self.deaf_to);
                if to_them && deaf.is_some() && Kind::of(&datagram) == deaf {
                    continue;
                }
                let side = match to {
                    to if to == self.us.address => &mut self.us,
                    to if to == self.them.address => &mut self.them,
                    _ => continue,
                };
                let mut out = Vec::new();
                side.session()
                    .receive(self.now, from, &datagram, &mut |to, bytes| {
                        out.push((to, bytes.to_vec()));
                    });
                let from = side.after(&out);
                self.carry(from, out);
            }
            for which in [0, 1] {
                let side = if which == 0 {
                    &mut self.us
                } else {
                    &mut self.them
                };
                let now = self.now;
                let mut out = Vec::new();
                if side.session().next_deadline().is_some_and(|due| due <= now) {
                    side.session()
                        .timeout(now, &mut |to, bytes| out.push((to, bytes.to_vec())));
                }
                let from = side.after(&out);
                self.carry(from, out);
            }
        }
    }

    fn carry(&mut self, from: SocketAddr, out: Vec<(SocketAddr, Vec<u8>)>) {
        for (to, bytes) in out {
            let number = self.sent;
            self.sent += 1;
            if !(self.lose)(number) {
                let arrives = self.now + Duration::from_millis(10);
                self.way.insert((arrives, number), (from, to, bytes));
            }
        }
    }

    #[track_caller]
    fn keys(&self) -> (Keys, Keys) {
        let keys = |side: &Side| side.keys.clone();
        let both = (keys(&self.us), keys(&self.them));
        let (Some(ours), Some(theirs)) = both else {
            panic!(
                "keys: {both:?}; failed: {:?}, {:?}",
                self.us.failed, self.them.failed
            )
        };
        (ours, theirs)
    }
}

impl Side {
    fn new(identity: Arc<Identity>, address: SocketAddr, agreed: Dtls) -> Self {
        Self {
            identity,
            address,
            agreed,
            session: None,
            keys: None,
            secured: 0,
            reached: None,
            failed: None,
            sent: Vec::new(),
        }
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().unwrap()
    }

    /// Takes note of what came of it; says from where it was sent.
    fn after(&mut self, out: &[(SocketAddr, Vec<u8>)]) -> SocketAddr {
        self.sent.extend(out.iter().map(|(_, bytes)| bytes.clone()));
        while let Some(news) = self.session().poll() {
            match news {
                News::Reached(remote) => self.reached = Some(remote),
                News::Secured(keys) => {
                    self.secured += 1;
                    self.keys = Some(keys);
                }
                News::Failed(why) => self.failed = Some(why),
                News::Closed => {}
            }
        }
        self.address
    }

    /// Both get new credentials, and this side another address.
    fn restart(&mut self, other: &mut Self) {
        let (mine, yours) = (credentials("mine", PASSWORD), credentials("your", PASSWORD));
        self.agreed.local = mine.clone();
        self.agreed.remote = yours.clone();
        self.agreed.address = self.address;
        other.agreed.local = yours;
        other.agreed.remote = mine;
    }
}

fn identity() -> Arc<Identity> {
    let mut identity = Identity::generate().unwrap();
    // So that records are sent again at the same times in each run.
    let config = Config::builder().dangerously_set_rng_seed(1);
    identity.config = Arc::new(identity::timed(config).build().unwrap());
    Arc::new(identity)
}

fn credentials(ufrag: &str, password: &str) -> Credentials {
    Credentials::new(ufrag, password).unwrap()
}

fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

fn is_record(datagram: &&Vec<u8>) -> bool {
    Kind::of(datagram) == Some(Kind::Dtls)
}

/// SplitMix64 of both.
fn mixed(seed: u64, number: usize) -> u64 {
    let mut mixed = (seed << 32 | number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 31)
}

const HERE: &str = "192.0.2.1:10000";
const BROWSER: &str = "198.51.100.7:50000";
const MOVED: &str = "203.0.113.9:50001";
const PASSWORD: &str = "passwordof22characters";
