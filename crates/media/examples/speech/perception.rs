//! What people would say of it, by ITU-T P.862 as a Python package has it.

use media::Rate;
use media::wav::{Channels, Writer};
use std::path::Path;
use std::process::Command;

/// Compares what was said with what was heard so much later, in pieces of 8 s; the mean MOS-LQO.
pub(crate) fn compare(
    python: &str,
    said: &[i16],
    heard: &[i16],
    rate: Rate,
    delay_ms: f64,
) -> Option<f64> {
    let folder = std::env::temp_dir().join(format!("speech-{}", std::process::id()));
    std::fs::create_dir_all(&folder).ok()?;
    let (first, second) = (folder.join("said.wav"), folder.join("heard.wav"));
    let delay = (delay_ms / 1_000.0 * f64::from(rate.hz())) as usize;
    write(&first, said, rate)?;
    write(&second, &heard[delay.min(heard.len())..], rate)?;
    let mode = if rate == Rate::Narrow { "nb" } else { "wb" };
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .arg(&first)
        .arg(&second)
        .arg(mode)
        .output();
    let _ = std::fs::remove_dir_all(&folder);
    String::from_utf8(output.ok()?.stdout)
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn write(path: &Path, sound: &[i16], rate: Rate) -> Option<()> {
    let mut writer = Writer::create(path, Channels::Mono, rate.hz()).ok()?;
    writer.write(sound).ok()?;
    writer.finish().ok()?;
    Some(())
}

const SCRIPT: &str = "
import sys, wave
import numpy, pesq
def read(path):
    with wave.open(path) as file:
        return file.getframerate(), numpy.frombuffer(file.readframes(file.getnframes()), dtype='<i2')
rate, said = read(sys.argv[1])
_, heard = read(sys.argv[2])
piece = rate * 8
scores = []
for begin in range(0, min(len(said), len(heard)) - piece, piece):
    pair = said[begin:begin + piece], heard[begin:begin + piece]
    scores.append(pesq.pesq(rate, *pair, sys.argv[3]))
print(sum(scores) / len(scores))
";
