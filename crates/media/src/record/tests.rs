//! Recordings from the tape to the disk.

use super::desk::Flush;
use super::heard::{self, End};
use super::*;
use crate::engine::slot::Slot;
use crate::{ear, wav};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

#[test]
fn a_recording_becomes_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recordings");
    let (recorder, writing) = Recorder::start(folders(&path), |_, _| {}).unwrap();
    for format in FORMATS {
        let mut tape = recorder
            .begin(begins(RecordingLayout::Mixed, format))
            .unwrap();
        for _ in 0..150 {
            tape.record(&slot(500), &slot(0));
        }
    }
    drop(recorder);
    drop(writing);
    assert_eq!(names(&path), ["7.opus", "7.wav"]);
    let sound = wav::read_file(&path.join("7.wav"), 8_000).unwrap();
    assert_eq!(sound, [500; 12_000]);
    let sound = heard::opus(&fs::read(path.join("7.opus")).unwrap(), End::Marked);
    assert_eq!(sound.channels[0].len(), 72_000);
}

/// MI-06: at whatever rate the second leg is heard.
#[test]
fn a_recording_that_goes_on_with_another_leg_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, writing) = Recorder::start(folders(folder.path()), |_, _| {}).unwrap();
    for format in FORMATS {
        let mut first = recorder
            .begin(begins(RecordingLayout::Stereo, format))
            .unwrap();
        let mut second = recorder
            .begin(Begins {
                leg: LegId(2),
                rate: Rate::Wide,
                ..begins(RecordingLayout::Stereo, format)
            })
            .unwrap();
        let mut wide = Slot::silence(Rate::Wide);
        wide.samples_mut().fill(300);
        for _ in 0..100 {
            second.record(&wide, &Slot::silence(Rate::Wide));
            first.record(&slot(500), &slot(0));
        }
        drop(first);
        second.end();
    }
    drop((recorder, writing));
    assert_eq!(names(folder.path()), ["7.opus", "7.wav"]);
    let bytes = fs::read(folder.path().join("7.wav")).unwrap();
    let sound = wav::read(&bytes, 8_000).unwrap();
    assert!(
        sound.len().abs_diff(16_000) <= 20,
        "{} samples",
        sound.len()
    );
    assert_eq!(sound[..8_000], [250; 8_000], "both channels as one");
    let settled = &sound[8_040..];
    assert!(settled.iter().all(|sample| sample.abs_diff(150) <= 1));
    let sound = heard::opus(
        &fs::read(folder.path().join("7.opus")).unwrap(),
        End::Marked,
    );
    assert!(sound.channels[0].len().abs_diff(96_000) <= 200);
}

/// Another leg may go on with a recording only for so long.
#[test]
fn a_recording_whose_leg_is_gone_is_completed_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(folders(folder.path()), |_, _| {});
    let (mut tape, reel) = tape(RecordingLayout::Mixed, Rate::Narrow);
    desk.begin(begins(RecordingLayout::Mixed, RecordingFormat::Wav), reel);
    tape.record(&slot(1), &slot(1));
    drop(tape);
    let gone = Instant::now();
    while !desk.open.is_empty() {
        desk.write(Flush::Later);
    }
    assert!(gone.elapsed() >= Duration::from_millis(900));
    assert_eq!(names(folder.path()), ["7.wav"]);
}

#[test]
fn a_recording_is_never_put_in_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("7.wav"), "of somebody else").unwrap();
    let (failures, failed) = mpsc::channel();
    let tell = move |leg, recording| failures.send((leg, recording)).unwrap();
    let (recorder, _writing) = Recorder::start(folders(folder.path()), tell).unwrap();
    let tape = recorder.begin(begins(RecordingLayout::Mixed, RecordingFormat::Wav));
    assert_eq!(failed.recv().unwrap(), (LegId(1), RecordingId(7)));
    drop((recorder, tape));
    assert_eq!(names(folder.path()), ["7.wav"]);
}

/// MI-05
#[test]
fn one_that_cannot_be_written_is_told_of_once_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    // Where a folder is wanted there is a file.
    let path = folder.path().join("taken");
    fs::write(&path, "x").unwrap();
    let (failures, failed) = mpsc::channel();
    let tell = move |leg, recording| failures.send((leg, recording)).unwrap();
    let (recorder, writing) = Recorder::start(folders(&path), tell).unwrap();
    let mut tape = recorder
        .begin(begins(RecordingLayout::Mixed, RecordingFormat::Wav))
        .unwrap();
    assert_eq!(failed.recv().unwrap(), (LegId(1), RecordingId(7)));
    tape.record(&slot(1), &slot(1));
    assert!(tape.is_torn());
    drop((recorder, tape));
    drop(writing);
    assert_eq!(failed.iter().count(), 0);
}

/// MI-05: `/dev/full` is a disk that is full.
#[test]
fn a_full_disk_is_told_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let (failures, failed) = mpsc::channel();
    let mut desk = Desk::new(folders(folder.path()), move |leg, recording| {
        failures.send((leg, recording)).unwrap()
    });
    let (mut tape, reel) = tape(RecordingLayout::Mixed, Rate::Narrow);
    desk.begin(begins(RecordingLayout::Mixed, RecordingFormat::Wav), reel);
    let full = File::options()
        .read(true)
        .write(true)
        .open("/dev/full")
        .unwrap();
    desk.open[0].take.fill_up(full);
    for _ in 0..200 {
        tape.record(&slot(1), &slot(1));
    }
    desk.write(Flush::Due);
    desk.write(Flush::Due);
    let told = failed.try_iter().collect::<Vec<_>>();
    assert_eq!(told, [(LegId(1), RecordingId(7))]);
    assert!(tape.is_torn() && desk.open.is_empty());
}

/// VM-15: a message is at the rate and in the place that web, telephone and mail look for it.
#[test]
fn what_is_taken_down_is_told_of_when_it_is_whole_and_what_is_of_no_use_goes() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, writing) = Recorder::start(folders(folder.path()), |_, _| {}).unwrap();
    let begin = |id| recorder.begin(Begins::dictation(LegId(id), RecordingId(id)));
    let mut tapes: Vec<_> = (1..=2).map(|id| begin(id).unwrap().last()).collect();
    for tape in &mut tapes {
        (0..150).for_each(|_| tape.take_down(&slot(500)));
    }
    recorder.discard(RecordingId(2));
    let (tell, told) = mpsc::channel();
    for id in 1..=3 {
        let tell = tell.clone();
        let then = move |length| tell.send((id, length)).unwrap();
        recorder.when_written(RecordingId(id), Box::new(then));
    }
    let nothing = (3, None);
    assert_eq!(told.recv().unwrap(), nothing, "there is no third");
    assert!(told.try_recv().is_err(), "the others are not whole yet");
    drop(tapes);
    let mut lengths: Vec<_> = told.iter().take(2).collect();
    lengths.sort();
    assert_eq!(
        lengths,
        [(1, Some(Duration::from_millis(1_500))), (2, None)]
    );
    let voicemail = folder.path().join("voicemail");
    let bytes = fs::read(voicemail.join("1.wav")).unwrap();
    let (channels, hz, bits) = (&bytes[22..24], &bytes[24..28], &bytes[34..36]);
    assert_eq!(channels, [1, 0]);
    assert_eq!(hz, 8_000_u32.to_le_bytes());
    assert_eq!(bits, [16, 0]);
    assert_eq!(names(&voicemail), ["1.wav"]);
    recorder.discard(RecordingId(1));
    drop(recorder);
    drop(writing);
    assert!(names(&voicemail).is_empty());
}

/// What was said a second before the process was killed can be heard, at once and after the next start.
#[test]
fn a_process_that_is_killed_leaves_all_but_the_last_second() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = studio(
        Command::new(std::env::current_exe().unwrap()),
        folder.path(),
    );
    let mut lines = BufReader::new(studio.stdout.take().unwrap()).lines();
    let mut said_ms: u64 = 0;
    while said_ms < 2_700 {
        let line = lines.next().expect("it records").unwrap();
        // The test harness may have written something before it.
        let ms = line.rsplit_once("ms ").and_then(|(_, ms)| ms.parse().ok());
        said_ms = ms.unwrap_or(said_ms);
    }
    studio.kill().unwrap();
    studio.wait().unwrap();
    let parts = ["1.wav.part", "2.opus.part", "3.wav.part", "4.opus.part"];
    assert_eq!(names(folder.path()), parts);
    let kept = |name: &str, end| {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        let (sound, hz) = if name.contains("opus") {
            (heard::opus(&bytes, end).channels.remove(0), 48_000_u64)
        } else {
            (wav::read(&bytes, 8_000).unwrap(), 8_000)
        };
        let kept_ms = sound.len() as u64 * 1_000 / hz;
        assert!(
            kept_ms + 1_000 >= said_ms,
            "{name}: {kept_ms} of {said_ms} ms"
        );
        assert!(ear::rms_dbfs(&sound[sound.len() / 4..]) > -40.0, "{name}");
        kept_ms
    };
    let at_once = parts.map(|name| kept(name, End::Anyhow));
    let (recorder, writing) = Recorder::start(folders(folder.path()), |_, _| {}).unwrap();
    drop(recorder);
    drop(writing);
    let whole = ["1.wav", "2.opus", "3.wav", "4.opus"];
    assert_eq!(names(folder.path()), whole);
    let repaired = whole.map(|name| kept(name, End::Marked));
    assert!(
        at_once
            .iter()
            .zip(&repaired)
            .all(|(before, after)| before <= after)
    );
}

/// MI-05: the process may write files of 64 KiB, as if the disk were full then.
#[test]
fn what_is_written_before_the_disk_is_full_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"")
        .arg(std::env::current_exe().unwrap());
    let mut studio = studio(shell, folder.path());
    let lines = BufReader::new(studio.stdout.take().unwrap()).lines();
    let failed = lines
        .map_while(Result::ok)
        .filter(|line| line.contains("failed 1"));
    assert_eq!(failed.take(2).count(), 1, "told of once");
    studio.wait().unwrap();
    let bytes = fs::read(folder.path().join("1.wav")).unwrap();
    let sound = wav::read(&bytes, 8_000).unwrap();
    assert!(
        (14_000..=16_384).contains(&sound.len()),
        "{} samples",
        sound.len()
    );
    assert!(ear::rms_dbfs(&sound) > -40.0);
    assert_eq!(names(folder.path()), ["1.wav", "2.opus", "3.wav", "4.opus"]);
}

/// The process that others start and kill: records four times what is said, in all formats and layouts. By itself it
/// has nothing to do.
#[test]
fn studio_process() {
    let Some(folder) = std::env::var_os(STUDIO_FOLDER) else {
        return;
    };
    let (failures, failed) = mpsc::channel();
    let tell = move |_, recording| failures.send(recording).unwrap();
    let (recorder, writing) = Recorder::start(folders(Path::new(&folder)), tell).unwrap();
    let layouts = [RecordingLayout::Stereo, RecordingLayout::Mixed];
    let kinds = layouts
        .iter()
        .flat_map(|layout| FORMATS.map(|format| (*layout, format)));
    let mut tapes: Vec<_> = (1..)
        .zip(kinds)
        .map(|(id, (layout, format))| {
            let mut begins = begins(layout, format);
            begins.recording = RecordingId(id);
            recorder.begin(begins).unwrap()
        })
        .collect();
    let begun = Instant::now();
    let sound = ear::sine(440.0, -20.0, 8_000, 5_000);
    for (at, piece) in (1..).zip(sound.chunks(80)) {
        let mut said = Slot::silence(Rate::Narrow);
        said.samples_mut().copy_from_slice(piece);
        tapes.iter_mut().for_each(|tape| tape.record(&said, &said));
        let due = Duration::from_millis(at * 10);
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        println!("ms {}", at * 10);
    }
    drop((tapes, recorder));
    drop(writing);
    failed
        .iter()
        .for_each(|recording| println!("failed {recording}"));
}

/// A process that records in `folder`, started by `command` and some arguments.
fn studio(mut command: Command, folder: &Path) -> Child {
    let module = module_path!().split_once("::").unwrap().1;
    command
        .args(["--exact", "--nocapture"])
        .arg(format!("{module}::studio_process"))
        .env(STUDIO_FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

const STUDIO_FOLDER: &str = "BELLWIRE_TEST_STUDIO";
const FORMATS: [RecordingFormat; 2] = [RecordingFormat::Wav, RecordingFormat::Opus];

const fn begins(layout: RecordingLayout, format: RecordingFormat) -> Begins {
    Begins {
        kind: Kind::Conversation,
        leg: LegId(1),
        recording: RecordingId(7),
        layout,
        format,
        rate: Rate::Narrow,
    }
}

fn folders(folder: &Path) -> Folders {
    Folders {
        recordings: folder.to_owned(),
        voicemail: folder.join("voicemail"),
    }
}

fn slot(sample: i16) -> Slot {
    let mut slot = Slot::silence(Rate::Narrow);
    slot.samples_mut().fill(sample);
    slot
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
