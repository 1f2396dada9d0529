"""Times gensim's Word2Vec beside `recurve train word-vectors` (Graphs/WordVectors): same text, same setting, by turns in one run.

    python Tools/twins/word-vectors.py text.txt --recurve .build/release/recurve --similarities wordsim353.tsv simlex999.txt \\
      --analogies questions-words.txt -o word-vectors.json           (needs gensim)

What is timed is training alone. Of gensim that is `train`, behind `build_vocab`; its corpus is a list of lists of words (`lists`)
or a file that its workers read without Python (`file`). Of recurve it is the time from where training begins, once the text is
read, the vocabulary made and the step compiled, to the last step, by the events of the run. `whole_seconds` are of everything: of
recurve from the start of the program to its end, of gensim vocabulary and training. Words are those that were read of the text,
rare ones included, in all epochs, as gensim counts raw words; kept words are what subsampling leaves of them.

Every round has another seed. All vectors answer the questions by gensim's own evaluation, ours read from `recurve vectors`; of ours
the answers of `recurve similarity` stand beside, which must be the same. Rates are each one's own unless they are given.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from gensim.models import KeyedVectors, Word2Vec

from events import step_seconds
from figures import made, write_json


class Text:
    """A text as recurve reads it: tokens between the white space of ASCII, lower-cased; windows end with lines."""

    def __init__(self, path, folder):
        with open(path, "rb") as file:
            lines = (line.split() for line in file)
            self.lines = [[word.decode("utf-8", "replace").lower() for word in line] for line in lines if line]
        self.count = sum(len(line) for line in self.lines)
        self.path, self.spaced = os.path.abspath(path), os.path.join(folder, "text.txt")
        with open(self.spaced, "w", encoding="utf-8") as file:
            file.writelines(" ".join(line) + "\n" for line in self.lines)


def recurve(options, text, seed, folder):
    """One run of ours: its times and its vectors."""
    run, vectors = os.path.join(folder, f"run-{seed}"), os.path.join(folder, "vectors.txt")
    settings = {"width": options.width, "window": options.window, "negatives": options.negatives, "epochs": options.epochs,
                "minimum-count": options.minimum_count, "subsampling": "code", "threshold": options.threshold}
    command = ["train", "word-vectors", "--preset", "text", "--data", text.path, "--threads", options.threads, "--seed", seed,
               "-o", run] + [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    if options.recurve_rate:
        command += ["--learning-rate", options.recurve_rate]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    called(options, *command)
    whole, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.path.join(run, "run.json"), encoding="utf-8") as file:
        record = json.load(file)
    with open(os.path.join(run, "log.jsonl"), encoding="utf-8") as file:
        kept = sum(json.loads(line)["sequences"] for line in file)
    seconds = step_seconds(run)
    if len(seconds) != record["recipe"]["steps"]:
        refuse(f"{run} has the times of {len(seconds)} steps, needs {record['recipe']['steps']}")
    called(options, "vectors", run, "-o", vectors)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    turn = timed(text.count * options.epochs, sum(seconds.values()), kept) | {
        "whole_seconds": whole, "whole_processor_seconds": busy, "rate": record["recipe"]["learning_rate"]}
    files = options.similarities + options.analogies
    if files:
        answers = json.loads(called(options, "similarity", run, *files, "--json"))
        names = {os.path.basename(path) for path in files}
        turn["recurve_similarity"] = [answer for answer in answers if answer["name"] in names]
    return turn, KeyedVectors.load_word2vec_format(vectors)


def gensim(options, text, seed, form):
    """One training of gensim's from the vocabulary on: its times and its vectors."""
    model = Word2Vec(
        vector_size=options.width, window=options.window, min_count=options.minimum_count, sample=options.threshold, sg=1, hs=0,
        negative=options.negatives, epochs=options.epochs, workers=options.threads, seed=seed + 1,
        **({"alpha": options.gensim_rate} if options.gensim_rate else {}))
    start, busy = time.perf_counter(), time.process_time()
    model.build_vocab(text.lines)
    # The vocabulary is of the same lists in both forms: gensim's two readers of files part words at different characters.
    corpus = {"corpus_iterable": text.lines} if form == "lists" else {"corpus_file": text.spaced}
    between = time.perf_counter()
    kept, read = model.train(
        total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=model.epochs, **corpus)
    end = time.perf_counter()
    # Workers that read a file begin at a place of it and end somewhere in a line, so that some lines are read twice.
    if read < text.count * options.epochs:
        refuse(f"gensim ({form}) has read {read} words, needs {text.count * options.epochs}")
    turn = timed(read, end - between, kept) | {
        "whole_seconds": end - start, "whole_processor_seconds": time.process_time() - busy, "rate": model.alpha}
    return turn, model.wv


def timed(read, seconds, kept):
    return {"training_seconds": seconds, "read_words": read, "words_per_second": read / seconds,
            "kept_words": kept, "kept_words_per_second": kept / seconds}


def scores(options, vectors):
    """Answers to each file by gensim's evaluation; None where it asks nothing that the vocabulary knows."""
    found = {}
    for path in options.similarities:
        try:
            correlation = float(vectors.evaluate_word_pairs(path)[1][0])
        except ValueError:
            correlation = None
        found[os.path.basename(path)] = correlation if correlation == correlation else None
    for path in options.analogies:
        total = vectors.evaluate_word_analogies(path)[1][-1]
        asked = len(total["correct"]) + len(total["incorrect"])
        found[os.path.basename(path)] = len(total["correct"]) / asked if asked else None
    return found


def called(options, *words):
    """What recurve prints."""
    done = subprocess.run([options.recurve, *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        refuse(f"recurve {words[0]} failed with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


def refuse(text):
    sys.exit(f"word-vectors.py: {text}")


def medians(turns):
    """Of each number over a system's rounds."""
    def median(values):
        known = [value for value in values if value is not None]
        return statistics.median(known) if known else None

    numbers = ["words_per_second", "kept_words_per_second", "training_seconds", "whole_seconds", "whole_processor_seconds"]
    return {name: median([turn[name] for turn in turns]) for name in numbers} | {
        "scores": {name: median([turn["scores"][name] for turn in turns]) for name in turns[0]["scores"]}}


def by_turns(options, folder):
    text = Text(options.text, folder)
    systems = {"recurve": lambda seed: recurve(options, text, seed, folder)}
    for form in options.forms:
        systems[f"gensim ({form})"] = lambda seed, form=form: gensim(options, text, seed, form)
    setting = {name: getattr(options, name) for name in
               ("width", "window", "negatives", "epochs", "threshold", "minimum_count", "rounds")}
    turns = {name: [] for name in systems}
    for number in range(options.rounds):
        # Whoever comes first meets another machine than whoever comes last.
        for name in list(systems)[::-1 if number % 2 else 1]:
            load = os.getloadavg()[0]
            turn, vectors = systems[name](number)
            words = len(vectors)
            turns[name].append({"seed": number, "load_before": load, "vocabulary": words} | turn
                               | {"scores": scores(options, vectors)})
            print(f"round {number + 1}, {name}: {turn['words_per_second']:,.0f} words a second, {words} vectors, "
                  f"{turns[name][-1]['scores']}", flush=True)
            done = {name: medians(all_turns) for name, all_turns in turns.items() if all_turns}
            if options.output:
                write_json(options.output, {
                    "model": "word-vectors", "made": made(options.threads, "gensim", "numpy"), "words": text.count,
                    "setting": setting, "measured": "training alone, without vocabulary and compilation; whole_* with both",
                    "medians": done, "turns": turns})
    return done


def report(done):
    print(f"\n{'medians':<16}  {'words/s':>10}  {'kept words/s':>12}  {'training':>9}  {'whole':>9}  scores")
    for name, found in done.items():
        answers = ", ".join(
            f"{file} {'-' if value is None else format(value, '.3f')}" for file, value in found["scores"].items())
        print(f"{name:<16}  {found['words_per_second']:>10,.0f}  {found['kept_words_per_second']:>12,.0f}  "
              f"{found['training_seconds']:>7.1f} s  {found['whole_seconds']:>7.1f} s  {answers}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", help="white space between tokens")
    parser.add_argument("--recurve", required=True, help="the program")
    parser.add_argument("--threads", type=int, default=2, help="of recurve, and workers of gensim; 2 without it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--forms", nargs="+", choices=["lists", "file"], default=["lists", "file"], help="how gensim reads")
    parser.add_argument("--width", type=int, default=100)
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--negatives", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--threshold", type=float, default=1e-4, help="t of the subsampling")
    parser.add_argument("--minimum-count", type=int, default=5)
    parser.add_argument("--recurve-rate", type=float, help="the recipe's without it")
    parser.add_argument("--gensim-rate", type=float, help="gensim's default without it")
    parser.add_argument("--similarities", nargs="*", default=[], help="files of two words and a number, between tabs")
    parser.add_argument("--analogies", nargs="*", default=[], help="files of four words a line under headings `: name`")
    parser.add_argument("-o", "--output", help="a JSON file for the figures, written after each turn")
    options = parser.parse_args()
    if not os.access(options.recurve, os.X_OK):
        refuse(f"{options.recurve} is no program; needs --recurve PATH, for example .build/release/recurve")
    # A path, so that no other program of this name on the search path is meant.
    options.recurve = os.path.abspath(options.recurve)
    with tempfile.TemporaryDirectory() as folder:
        report(by_turns(options, folder))


main()
