//! Two ends of a fax call in one process, unpaced: what is sent is received, and what breaks ends with a reason.

mod common;

use common::{Ear, Folder, Line, pages, receive, send};
use fax::engine::{Audio, ErrorCorrection, Fastest, Outcome, Progress};
use fax::{Reason, Resolution};

/// FAX-10
#[test]
fn pages_arrive_without_a_pixel_changed_at_every_resolution_with_and_without_error_correction() {
    let folder = Folder::new();
    for resolution in Resolution::ALL {
        for correction in [ErrorCorrection::On, ErrorCorrection::Off] {
            let sent = pages(resolution, 2);
            let mut line = Line::new(
                &folder.write("sent.tif", &sent),
                &folder.path("received.tif"),
                correction,
                Fastest::V17,
            );
            line.run();
            line.both_succeeded(2);
            assert_eq!(
                folder.read("received.tif"),
                sent,
                "{resolution:?} {correction:?}"
            );
        }
    }
}

/// FAX-10
#[test]
fn every_modem_is_trained_at_its_fastest() {
    let folder = Folder::new();
    for (fastest, rate) in [
        (Fastest::V27ter, 4_800),
        (Fastest::V29, 9_600),
        (Fastest::V17, 14_400),
    ] {
        let sent = pages(Resolution::Standard, 1);
        let mut line = Line::new(
            &folder.write("sent.tif", &sent),
            &folder.path("received.tif"),
            ErrorCorrection::On,
            fastest,
        );
        line.run();
        for progress in [&line.sender.progress, &line.receiver.progress] {
            let trained = progress.iter().find_map(|progress| match progress {
                Progress::Training(training) => Some(*training),
                _ => None,
            });
            let trained = trained.expect("a speed is told");
            assert_eq!(trained.rate, rate);
            assert!(trained.error_correction);
        }
        assert_eq!(folder.read("received.tif"), sent);
    }
}

/// FAX-08
#[test]
fn both_sides_tell_how_it_goes() {
    let folder = Folder::new();
    let mut line = Line::new(
        &folder.write("sent.tif", &pages(Resolution::Fine, 3)),
        &folder.path("received.tif"),
        ErrorCorrection::On,
        Fastest::V17,
    );
    line.run();
    for (ear, peer) in [(&line.sender, "+86 28 200"), (&line.receiver, "+86 28 100")] {
        assert!(
            ear.progress.contains(&Progress::Peer(peer.to_owned())),
            "{:?}",
            ear.progress
        );
        let pages: Vec<u32> = ear
            .progress
            .iter()
            .filter_map(|progress| match progress {
                Progress::Pages(pages) => Some(*pages),
                _ => None,
            })
            .collect();
        assert_eq!(pages, [1, 2, 3]);
    }
}

/// FAX-08: a second try sends what was not confirmed.
#[test]
fn a_fax_begins_at_the_first_page_that_was_not_confirmed() {
    let folder = Folder::new();
    let sent = pages(Resolution::Standard, 3);
    let mut line = Line::from_page(
        &folder.write("sent.tif", &sent),
        &folder.path("received.tif"),
        2,
    );
    line.run();
    line.both_succeeded(1);
    assert_eq!(folder.read("received.tif"), sent[2..]);
}

/// FAX-10: half a percent of G.711 packets lost.
#[test]
fn lost_sound_is_made_up_and_errors_are_corrected() {
    let folder = Folder::new();
    let sent = pages(Resolution::Standard, 2);
    let mut line = Line::new(
        &folder.write("sent.tif", &sent),
        &folder.path("received.tif"),
        ErrorCorrection::On,
        Fastest::V17,
    );
    line.loses_one_in = Some(200);
    line.run();
    line.both_succeeded(2);
    assert_eq!(folder.read("received.tif"), sent);
}

/// FAX-07: somebody speaks, or nobody does.
#[test]
fn voice_or_silence_instead_of_a_machine_ends_with_a_reason() {
    let folder = Folder::new();
    let file = folder.write("sent.tif", &pages(Resolution::Standard, 1));
    for level in [0.0, 8_000.0] {
        let mut sender = Ear::new(Audio::new(&send(&file)).expect("it begins"));
        let mut hum = common::Hum::new(level);
        let seconds = common::until_ended(&mut sender, |block| hum.fill(block));
        assert_eq!(
            sender.outcome(),
            Some(&Outcome {
                failure: Some(Reason::NoFaxTone),
                pages: 0
            })
        );
        assert!(seconds < 90, "{seconds}");
        let mut receiver =
            Ear::new(Audio::new(&receive(&folder.path("none.tif"))).expect("it begins"));
        let mut hum = common::Hum::new(level);
        let seconds = common::until_ended(&mut receiver, |block| hum.fill(block));
        assert_eq!(
            receiver.outcome().map(|outcome| outcome.failure),
            Some(Some(Reason::NoFaxTone))
        );
        assert!(seconds < 90, "{seconds}");
    }
}

/// FAX-07: hung up in the middle of the second page.
#[test]
fn a_line_that_drops_keeps_the_pages_before_it() {
    let folder = Folder::new();
    let sent = pages(Resolution::Standard, 3);
    let mut line = Line::new(
        &folder.write("sent.tif", &sent),
        &folder.path("received.tif"),
        ErrorCorrection::On,
        Fastest::V17,
    );
    line.run_until(|line| line.sender.progress.contains(&Progress::Pages(1)));
    line.run_for(3);
    line.sender.end.hang_up();
    line.receiver.end.hang_up();
    line.run();
    let dropped = Outcome {
        failure: Some(Reason::Dropped),
        pages: 1,
    };
    assert_eq!(line.sender.outcome(), Some(&dropped));
    assert_eq!(line.receiver.outcome(), Some(&dropped));
    assert_eq!(folder.read("received.tif").first(), sent.first());
}

/// FAX-07: the other machine goes away without a word, at any moment.
#[test]
fn a_peer_that_falls_silent_at_any_moment_is_given_up() {
    let folder = Folder::new();
    let file = folder.write("sent.tif", &pages(Resolution::Fine, 2));
    for second in [1, 3, 5, 8, 12, 16, 20, 30] {
        for correction in [ErrorCorrection::On, ErrorCorrection::Off] {
            let mut line = Line::new(
                &file,
                &folder.path("received.tif"),
                correction,
                Fastest::V17,
            );
            line.run_for(second);
            for ear in [line.sender, line.receiver] {
                let mut ear = ear;
                let seconds = common::until_ended(&mut ear, |block| block.fill(0));
                let outcome = ear.outcome().expect("it ended");
                assert!(outcome.failure.is_some(), "{second} {outcome:?}");
                assert!(seconds < 300, "{second} s, then {seconds} s");
            }
        }
    }
}

/// FAX-08
#[test]
fn who_cancels_is_told_so() {
    let folder = Folder::new();
    let mut line = Line::new(
        &folder.write("sent.tif", &pages(Resolution::Fine, 1)),
        &folder.path("received.tif"),
        ErrorCorrection::On,
        Fastest::V17,
    );
    line.run_for(8);
    line.sender.end.cancel();
    line.run();
    assert_eq!(
        line.sender.outcome().and_then(|outcome| outcome.failure),
        Some(Reason::Cancelled)
    );
    assert!(
        line.receiver
            .outcome()
            .and_then(|outcome| outcome.failure)
            .is_some()
    );
}

#[test]
fn a_file_that_is_no_fax_fails_and_says_so() {
    let folder = Folder::new();
    let file = folder.path("sent.tif");
    std::fs::write(&file, b"not a picture").expect("it is written");
    for file in [file, folder.path("missing.tif")] {
        let mut line = Line::new(
            &file,
            &folder.path("received.tif"),
            ErrorCorrection::On,
            Fastest::V17,
        );
        line.run();
        assert_eq!(
            line.sender.outcome().and_then(|outcome| outcome.failure),
            Some(Reason::BadFile)
        );
    }
}

#[test]
fn what_the_library_cannot_take_is_refused_before() {
    let mut job = send(&std::path::PathBuf::from("x".repeat(256)));
    assert!(Audio::new(&job).is_err());
    job = send(std::path::Path::new("x.tif"));
    job.ident = "123456789012345678901".to_owned();
    assert!(Audio::new(&job).is_err());
    job.ident = "电话".to_owned();
    assert!(Audio::new(&job).is_err());
}

/// Minutes on the line take a fraction of a second here.
#[test]
fn a_call_runs_hundreds_of_times_faster_than_real_time() {
    let folder = Folder::new();
    let mut line = Line::new(
        &folder.write("sent.tif", &pages(Resolution::Fine, 4)),
        &folder.path("received.tif"),
        ErrorCorrection::On,
        Fastest::V17,
    );
    let start = std::time::Instant::now();
    line.run();
    let times = f64::from(line.seconds()) / start.elapsed().as_secs_f64();
    line.both_succeeded(4);
    assert!(times > 100.0, "only {times} times");
}
