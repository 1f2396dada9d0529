"""When the steps of a run of ours were done: the event files that `recurve train` writes for TensorBoard hold the time of each.

A step's time is that from the step before to it, or from where training begins, once the step is compiled and the data are read; a
validation, a checkpoint and the log count as part of the step that they follow. Needs nothing but Python.
"""

import glob
import os
import struct


def step_seconds(folder):
    """Of each step of the run in a folder, by its number; of a resumed run what counts in the end."""
    seconds = {}
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "events.out.tfevents.*"))):
        with open(path, "rb") as file:
            found = list(events(file.read()))
        # The first says what the file is, the second which step comes next.
        if len(found) < 2:
            continue
        seconds = {step: time for step, time in seconds.items() if step < found[1][1]}
        for (before, _), (now, step) in zip(found[1:], found[2:]):
            seconds[step] = now - before
    return seconds


def events(data):
    """Wall time and step of each record: its length and a check, 12 bytes, the event, and a check, 4 bytes."""
    place = 0
    while place + 12 <= len(data):
        length = struct.unpack_from("<Q", data, place)[0]
        event = data[place + 12:place + 12 + length]
        place += 16 + length
        # A run that was killed may have left a part of its last one.
        if place <= len(data) and event[:1] == b"\x09":
            yield struct.unpack_from("<d", event, 1)[0], varint(event, 10) if event[9:10] == b"\x10" else 0


def varint(data, place):
    """Protocol buffers' whole number: seven bits a byte, the lowest first."""
    number, shift = 0, 0
    while True:
        number |= (data[place] & 0x7F) << shift
        if data[place] < 0x80:
            return number
        place, shift = place + 1, shift + 7
