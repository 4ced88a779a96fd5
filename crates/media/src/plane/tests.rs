//! Workers with real sockets on this machine. Nothing waits longer than it must, and nothing for ever.

use super::*;
use crate::prompts::Library;
use model::{Keys, PlayId, RecordingFormat, RecordingLayout, Sound, Tone};
use rtp::{Codec, Direction, Header, InBand, Packet, Source, TelephoneEvents};
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::mpsc::{self, Receiver, Sender};

#[test]
fn two_phones_hear_each_other_through_real_sockets() {
    let mut studio = Studio::new(1);
    let [one, two] = [1, 2].map(|leg| studio.phone(leg));
    studio.mix(1, &[1, 2]);
    assert_eq!(one.converse(&two), *b"from one");
    assert_eq!(two.converse(&one), *b"from two");
    let counts = studio.wait_for_counts();
    assert!(counts.received >= 2 && counts.sent >= 2);
}

/// A port that is taken is said at once, and nothing waits for a thread that waits itself.
#[test]
fn a_plane_whose_port_is_taken_does_not_start() {
    let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let (tell, _events) = mpsc::channel();
    let settings = Settings {
        browsers: Some((port, Arc::new(Identity::generate().unwrap()))),
        ..settings(folder.path(), 1)
    };
    let started = Plane::start(settings, Told(tell));
    assert_eq!(
        started.err().map(|error| error.kind()),
        Some(io::ErrorKind::AddrInUse)
    );
}

#[test]
fn legs_of_two_workers_come_together_and_go_on_as_the_same_senders() {
    let mut studio = Studio::new(2);
    let phones = [1, 2, 3].map(|leg| studio.phone(leg));
    // The first two are on different workers before they meet.
    for (leg, play) in [(1, 1), (2, 2)] {
        studio.play(leg, play, Sound::Tone(Tone::Dial));
    }
    let before = [&phones[0], &phones[1]].map(|phone| phone.next(|_| true).0.ssrc);
    assert_ne!(
        studio.plane.worker_of(LegId(1)),
        studio.plane.worker_of(LegId(2))
    );
    for leg in [1, 2] {
        studio.plane.perform(&Effect::Silence(LegId(leg)));
    }
    studio.mix(1, &[1, 2]);
    assert_eq!(
        studio.plane.worker_of(LegId(1)),
        studio.plane.worker_of(LegId(2))
    );
    assert_eq!(phones[0].converse(&phones[1]), *b"from one");
    assert_eq!(phones[1].converse(&phones[0]), *b"from two");
    // What is wanted of a leg on its way is done once it has arrived.
    studio.plane.send_key(LegId(1), Digit::parse('5').unwrap());
    let (key, _) = phones[0].next(|header| header.payload_type == EVENTS);
    assert_eq!(key.ssrc, before[0]);
    studio.mix(1, &[1, 2, 3]);
    // Two workers told of the two ends, in whichever order.
    let events = [(); 2].map(|()| studio.events.recv_timeout(PATIENCE).unwrap());
    assert!(events.contains(&ended(1)) && events.contains(&ended(2)));
}

#[test]
fn a_play_list_is_heard_and_its_end_told() {
    let mut studio = Studio::new(1);
    let phone = studio.phone(1);
    studio.play(1, 7, Sound::Tone(Tone::Beep));
    phone.next(|header| header.payload_type == 8);
    let finished = LegEvent::Played(PlayId(7), PlayEnd::Finished);
    let event = studio.events.recv_timeout(PATIENCE).unwrap();
    assert_eq!(event, MediaEvent::Leg(LegId(1), finished));
    // Of a leg that is not there, at once.
    studio.play(9, 8, Sound::Music);
    let event = studio.events.try_recv().unwrap();
    let cut = LegEvent::Played(PlayId(8), PlayEnd::CutShort);
    assert_eq!(event, MediaEvent::Leg(LegId(9), cut));
}

/// MI-05
#[test]
fn a_recording_is_a_file_once_the_plane_has_ended() {
    let mut studio = Studio::new(1);
    let phone = studio.phone(1);
    studio.play(1, 1, Sound::Tone(Tone::Dial));
    studio.plane.perform(&Effect::Record {
        leg: LegId(1),
        recording: RecordingId(5),
        layout: RecordingLayout::Stereo,
        format: RecordingFormat::Wav,
    });
    for _ in 0..20 {
        phone.next(|_| true);
    }
    let folder = studio.folder;
    drop(studio.plane);
    let sound = crate::wav::read_file(&folder.path().join("5.wav"), 8_000).unwrap();
    assert!(sound.len() >= 2_000, "{}", sound.len());
    assert!(crate::ear::rms_dbfs(&sound) > -40.0);
}

/// MI-06: the two legs are on different workers.
#[test]
fn a_recording_goes_on_with_a_leg_of_another_worker() {
    let mut studio = Studio::new(2);
    let phones = [1, 2].map(|leg| studio.phone(leg));
    for (leg, play) in [(1, 1), (2, 2)] {
        studio.play(leg, play, Sound::Tone(Tone::Dial));
    }
    for phone in &phones {
        phone.next(|_| true);
    }
    assert_ne!(
        studio.plane.worker_of(LegId(1)),
        studio.plane.worker_of(LegId(2))
    );
    // In the meantime as many wait at the second phone as the first has heard.
    for (leg, packets) in [(1, 30), (2, 70)] {
        studio.plane.perform(&Effect::Record {
            leg: LegId(leg),
            recording: RecordingId(5),
            layout: RecordingLayout::Mixed,
            format: RecordingFormat::Wav,
        });
        for _ in 0..packets {
            phones[leg as usize - 1].next(|_| true);
        }
    }
    studio.plane.perform(&Effect::StopRecording(RecordingId(5)));
    let folder = studio.folder;
    drop(studio.plane);
    let sound = crate::wav::read_file(&folder.path().join("5.wav"), 8_000).unwrap();
    assert!(sound.len() >= 8_000, "{} samples of 1.2 s", sound.len());
    let loud = sound[1_600..].chunks_exact(800);
    assert!(loud.map(crate::ear::rms_dbfs).all(|level| level > -30.0));
}

#[test]
fn a_recording_that_cannot_be_written_is_told_of_and_the_call_goes_on() {
    let mut studio = Studio::new(1);
    let [one, two] = [1, 2].map(|leg| studio.phone(leg));
    studio.mix(1, &[1, 2]);
    std::fs::write(studio.folder.path().join("5.wav"), "of somebody else").unwrap();
    studio.plane.perform(&Effect::Record {
        leg: LegId(1),
        recording: RecordingId(5),
        layout: RecordingLayout::Stereo,
        format: RecordingFormat::Wav,
    });
    let failed = LegEvent::RecordingFailed(RecordingId(5));
    let event = studio.events.recv_timeout(PATIENCE).unwrap();
    assert_eq!(event, MediaEvent::Leg(LegId(1), failed));
    assert_eq!(one.converse(&two), *b"from one");
    assert!(studio.events.try_recv().is_err(), "once");
}

/// VM-03 VM-15: who has said something hears it at once.
#[test]
fn what_was_taken_down_is_played_as_soon_as_it_is_stopped() {
    let mut studio = Studio::new(1);
    let phone = studio.phone(1);
    let recording = RecordingId(5);
    studio.plane.perform(&Effect::TakeDown {
        leg: LegId(1),
        recording,
        silence: Duration::from_millis(50),
    });
    let silent = MediaEvent::Leg(LegId(1), LegEvent::Silent(recording));
    let event = studio.events.recv_timeout(PATIENCE).unwrap();
    assert_eq!(event, silent, "nothing was said");
    studio.plane.perform(&Effect::StopRecording(recording));
    studio.play(1, 7, Sound::File(model::voice_file(recording)));
    let (written, length) = mpsc::channel();
    studio
        .plane
        .when_written(recording, move |length| written.send(length).unwrap());
    let length = length.recv_timeout(PATIENCE).unwrap().unwrap();
    assert!(length >= Duration::from_millis(50));
    phone.next(|_| true);
    let played = LegEvent::Played(PlayId(7), PlayEnd::Finished);
    let event = studio.events.recv_timeout(PATIENCE).unwrap();
    assert_eq!(event, MediaEvent::Leg(LegId(1), played));
    let file = studio.folder.path().join(model::voice_file(recording));
    assert_eq!(crate::wav::length(&file), Some(length));
    studio.plane.perform(&Effect::Discard(recording));
    drop(studio.plane);
    assert!(!file.exists());
}

#[test]
fn ports_are_free_again_once_their_legs_are_closed() {
    let mut studio = Studio::new(1);
    let first = studio.plane.open(LegId(1)).unwrap();
    assert_eq!(first.port() % 2, 0);
    let again = studio.plane.open(LegId(1)).unwrap();
    assert_ne!(first, again);
    studio.plane.close(LegId(1));
    studio.plane.close(LegId(1));
    assert!(studio.plane.ports.is_unused());
    studio.phone(1);
    studio.phone(2);
    studio.mix(1, &[1, 2]);
    for leg in [1, 2] {
        assert!(!studio.plane.ports.is_unused());
        studio.plane.close(LegId(leg));
        let freed = studio.plane.freed.recv_timeout(PATIENCE).unwrap();
        studio.plane.ports.close(freed);
    }
    assert!(
        studio.plane.ports.is_unused(),
        "their worker gave them back"
    );
    assert_eq!(studio.plane.load, [0]);
}

#[test]
fn a_closed_leg_says_farewell() {
    let mut studio = Studio::new(1);
    let phone = studio.phone(1);
    studio.play(1, 1, Sound::Tone(Tone::Dial));
    phone.next(|_| true);
    studio.plane.close(LegId(1));
    let mut bytes = [0; 500];
    let found = (0..100).any(|_| match phone.rtcp.recv(&mut bytes) {
        Ok(length) => bytes[..length].windows(2).any(|pair| pair == [0x81, 203]),
        Err(_) => false,
    });
    assert!(found, "no BYE");
}

#[test]
fn how_a_leg_fared_is_known_after_it_is_closed() {
    let mut studio = Studio::new(1);
    let [one, two] = [1, 2].map(|leg| studio.phone(leg));
    studio.mix(1, &[1, 2]);
    assert_eq!(studio.plane.quality(LegId(1)), None, "nothing was said");
    assert_eq!(one.converse(&two), *b"from one");
    studio.plane.close(LegId(1));
    let freed = studio.plane.freed.recv_timeout(PATIENCE).unwrap();
    studio.plane.ports.close(freed);
    let quality = studio.plane.quality(LegId(1)).unwrap();
    assert_eq!((quality.leg, quality.codec.as_str()), (LegId(1), "PCMA"));
    assert!(quality.received >= 1, "{quality:?}");
    assert!((100..=450).contains(&quality.mos_x100), "{quality:?}");
    assert_eq!(studio.plane.quality(LegId(2)), None, "he said nothing");
}

/// A plane, and what it tells.
struct Studio {
    plane: Plane,
    events: Receiver<MediaEvent>,
    folder: tempfile::TempDir,
}

struct Told(Sender<MediaEvent>);

impl Listener for Told {
    fn event(&self, event: MediaEvent) {
        // Nobody may be listening any more.
        let _ = self.0.send(event);
    }

    fn late(&self, _by: Duration) {}
}

struct Phone {
    rtp: UdpSocket,
    rtcp: UdpSocket,
    server: SocketAddr,
    name: &'static [u8; 8],
}

fn settings(folder: &std::path::Path, workers: usize) -> Settings {
    Settings {
        address: Some(Ipv4Addr::LOCALHOST.into()),
        // Each test has its own part of a wide range, and taken ones are stepped over.
        rtp_ports: 21_000..=29_999,
        browsers: None,
        workers,
        sounds: Sounds {
            library: Arc::new(Library::open(folder)),
            country: String::from("cn"),
        },
        recordings: folder.into(),
        voicemail: folder.join("voicemail"),
        seed: std::process::id().into(),
    }
}

impl Studio {
    fn new(workers: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (tell, events) = mpsc::channel();
        let settings = settings(folder.path(), workers);
        let plane = Plane::start(settings, Told(tell)).unwrap();
        Self {
            plane,
            events,
            folder,
        }
    }

    fn phone(&mut self, leg: u64) -> Phone {
        let leg = LegId(leg);
        let server = self.plane.open(leg).unwrap();
        let socket = || {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket
        };
        let (rtp, rtcp) = (socket(), socket());
        let stream = Stream {
            remote: rtp.local_addr().unwrap(),
            remote_rtcp: rtcp.local_addr().unwrap(),
            direction: Direction::SendRecv,
            codec: Codec::PCMA,
            receives: vec![Codec::PCMA],
            telephone_event: Some(TelephoneEvents {
                send: EVENTS,
                receive: EVENTS,
                clock_rate: 8_000,
            }),
            in_band: InBand::Ignored,
            metrics: rtp::Metrics::Unasked,
            source: Source::Signalled,
            security: Security::Plain,
        };
        self.plane.stream(leg, stream);
        let name = [b"from one", b"from two", b"from 3rd"][leg.0 as usize - 1];
        Phone {
            rtp,
            rtcp,
            server,
            name,
        }
    }

    fn mix(&mut self, room: u64, legs: &[u64]) {
        let plan = MixPlan::talk(legs.iter().copied().map(LegId));
        self.plane.perform(&Effect::Mix(RoomId(room), plan));
    }

    fn play(&mut self, leg: u64, play: u64, sound: Sound) {
        self.plane.perform(&Effect::Play {
            leg: LegId(leg),
            play: PlayId(play),
            sounds: vec![sound],
            keys: Keys::Report,
        });
    }

    /// The workers publish what they counted once a tick.
    fn wait_for_counts(&self) -> Counts {
        let began = Instant::now();
        loop {
            let counts = self.plane.counts();
            if counts.sent >= 2 || began.elapsed() > PATIENCE {
                return counts;
            }
            std::thread::yield_now();
        }
    }
}

impl Phone {
    /// Says its name until the other hears it; what came through is given back.
    fn converse(&self, other: &Self) -> [u8; 8] {
        for sequence in 0..200 {
            let header = Header {
                payload_type: 8,
                sequence,
                timestamp: u32::from(sequence) * 160,
                ssrc: u32::from(self.server.port()),
                ..Header::default()
            };
            let packet = [&header.to_bytes()[..], self.name].concat();
            self.rtp.send_to(&packet, self.server).unwrap();
            other
                .rtp
                .set_read_timeout(Some(Duration::from_millis(20)))
                .unwrap();
            let mut bytes = [0; 2_000];
            while let Ok(length) = other.rtp.recv(&mut bytes) {
                let packet = Packet::parse(&bytes[..length]).unwrap();
                if packet.payload == self.name {
                    return *self.name;
                }
            }
        }
        *b"nothing."
    }

    /// The next packet that is as wanted.
    fn next(&self, wanted: impl Fn(&Header) -> bool) -> (Header, Vec<u8>) {
        self.rtp.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut bytes = [0; 2_000];
        loop {
            let length = self.rtp.recv(&mut bytes).expect("a packet comes");
            let packet = Packet::parse(&bytes[..length]).unwrap();
            if wanted(&packet.header) {
                return (packet.header, packet.payload.to_vec());
            }
        }
    }
}

fn ended(play: u64) -> MediaEvent {
    let event = LegEvent::Played(PlayId(play), PlayEnd::CutShort);
    MediaEvent::Leg(LegId(play), event)
}

const EVENTS: u8 = 101;
const PATIENCE: Duration = Duration::from_secs(10);
