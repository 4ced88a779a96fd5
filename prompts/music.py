"""Music on hold: a calm piece of 16 bars that leads back into itself. Composed for this project; same licence.

A soft struck voice plays broken chords, a rounder one a slow melody above. All notes lie between 175 Hz and 1.1 kHz
with few overtones, so that a telephone line (300 to 3400 Hz) carries all of it, and nothing is loud or sudden.
What rings on past the end is added to the beginning: the loop has no seam.
"""
import math
from array import array

BEATS_A_MINUTE = 72
BEATS_A_BAR = 4
# One chord a bar: the notes of the broken chord, lowest first, as MIDI numbers.
CHORDS = {
    "F": (53, 60, 65, 69), "Dm": (53, 62, 65, 69), "Bb": (58, 62, 65, 70), "C": (55, 60, 64, 67),
    "Am": (57, 60, 64, 69), "Gm": (55, 62, 67, 70), "C7": (58, 60, 64, 67), "F/A": (57, 60, 65, 72),
}
BARS = "F Dm Bb C F Am Bb C7 Dm Am Bb F/A Gm Dm Gm C7".split()
# The order in which the eighths of a bar touch the chord's notes.
PATTERN = (0, 1, 2, 3, 2, 1, 2, 1)
# The melody: bar, beat, length in beats, note.
MELODY = [
    (0, 0, 3, 72), (0, 3, 1, 74), (1, 0, 3, 77), (1, 3, 1, 76), (2, 0, 2, 74), (2, 2, 2, 70), (3, 0, 4, 72),
    (4, 0, 3, 69), (4, 3, 1, 72), (5, 0, 3, 76), (5, 3, 1, 74), (6, 0, 2, 74), (6, 2, 2, 77), (7, 0, 4, 76),
    (8, 0, 2, 77), (8, 2, 2, 81), (9, 0, 3, 79), (9, 3, 1, 76), (10, 0, 2, 77), (10, 2, 2, 74), (11, 0, 4, 72),
    (12, 0, 2, 70), (12, 2, 2, 74), (13, 0, 3, 77), (13, 3, 1, 74), (14, 0, 2, 70), (14, 2, 2, 67), (15, 0, 4, 72),
]
# Overtones: how strong, and how many seconds until they have faded to a third.
STRUCK = ((1.0, 1.1), (0.35, 0.7), (0.12, 0.4), (0.05, 0.25))
ROUND = ((1.0, 1.8), (0.22, 1.3), (0.10, 0.9))


def track(rate):
    """Samples of one round, 53 s, peaking at half of full scale."""
    beat = 60 / BEATS_A_MINUTE
    length = round(len(BARS) * BEATS_A_BAR * beat * rate)
    sound = [0.0] * length
    for bar, name in enumerate(BARS):
        for eighth, step in enumerate(PATTERN):
            start = (bar * BEATS_A_BAR + eighth / 2) * beat
            accent = 1.0 if eighth == 0 else 0.8 if eighth == 4 else 0.65
            add(sound, rate, start, 2.2 * beat, CHORDS[name][step], 0.5 * accent, STRUCK, 0.006)
    for bar, at, beats, note in MELODY:
        add(sound, rate, (bar * BEATS_A_BAR + at) * beat, (beats + 0.5) * beat, note, 0.75, ROUND, 0.03)
    peak = max(map(abs, sound))
    return array("h", (round(16383 * value / peak) for value in sound))


def add(sound, rate, start, seconds, note, strength, overtones, attack):
    """Adds one note; it wraps around the end of the round."""
    hz = 440 * 2 ** ((note - 69) / 12)
    first, count = round(start * rate), round(seconds * rate)
    swell, release = round(attack * rate), round(0.12 * rate)
    for number, (share, fading) in enumerate(overtones, 1):
        # A recurrence makes the decaying sine; it costs one product a sample less than calling sin.
        decay = math.exp(-1 / (fading * rate))
        turn = 2 * math.pi * hz * number / rate
        one, two = 2 * decay * math.cos(turn), decay * decay
        before, now = -math.sin(turn) / decay, 0.0
        scale = strength * share
        for i in range(count):
            edge = min(1.0, i / swell, (count - i) / release)
            sound[(first + i) % len(sound)] += scale * edge * now
            before, now = now, one * now - two * before
