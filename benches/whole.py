#!/usr/bin/env python3
"""Whole-process figures of Atelier beside other clients of the same server, in one run.

    benches/whole.py [--runs 9] [--quick]

A small server sends the same 4K PNG twice in one stream (as gateways do), at 1 Gbit/s or as fast as loopback goes.
Printed are medians (min-max): from the last byte of the picture leaving the server until its pixels are ready, as a
multiple of a bare decode of the finished file in the same run; peak memory over idle; CPU time.

Beside our engine: the openai package with Pillow (benches/clients.py), and reqwest + eventsource-stream + serde_json +
base64 + image (benches/baseline, built when there is a network). Needs Linux; python3 with openai and pillow for that row.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# Clients that need more for a picture run one at a time only.
SLOW_MS = 5_000
PYTHON = os.environ.get("ATELIER_PYTHON", sys.executable)


def build():
    out = subprocess.run(
        ["cargo", "bench", "--no-run", "--no-default-features", "--bench", "whole", "--message-format=json"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "whole":
            return message["executable"]
    sys.exit("the bench was not built")


def build_baseline():
    folder = TARGET / "baseline"
    done = subprocess.run(["cargo", "build", "--release", "--quiet", "--target-dir", str(folder)], cwd=ROOT / "benches/baseline")
    return folder / "release/baseline" if done.returncode == 0 else None


class Server:
    def __init__(self, whole, picture, rate):
        self.process = subprocess.Popen([whole, "serve", picture, *([str(rate)] if rate else [])],
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        self.url = self.process.stdout.readline().strip()

    def last_byte_ns(self):
        return int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def run(command):
    """Runs a client; its lines, and its peak memory in KiB and CPU time in ms as the system counts them."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed with {process.returncode}")
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return lines, usage.ru_maxrss, (usage.ru_utime + usage.ru_stime) * 1000


def spread(values, unit=""):
    return f"{statistics.median(values):.2f}{unit} ({min(values):.2f}-{max(values):.2f})"


def last_byte(whole, picture, clients, runs, rate):
    name = f"{rate / 1e9:g} Gbit/s" if rate else "loopback speed"
    print(f"\nlast image byte -> pixels ready, 4K PNG, {name}, {runs} runs")
    rows = {client: [] for client in clients}
    cpu = {client: [] for client in clients}
    bare = []
    for _ in range(runs):
        # Interleaved, so that a busy moment of the machine hits all alike.
        bare.append(run([whole, "decode", picture])[0][0]["decode_ns"] / 1e6)
        for client, command in clients.items():
            with Server(whole, picture, rate) as server:
                lines, _, cpu_ms = run([word.replace("URL", server.url) for word in command])
                ready = lines[0]["decoded_ns"]
                ready = ready[0] if isinstance(ready, list) else ready
                rows[client].append((ready - server.last_byte_ns()) / 1e6)
                cpu[client].append(cpu_ms)
    base = statistics.median(bare)
    print(f"  {'bare decode of the file':34} {spread(bare, ' ms')}   1.00 x")
    for client, values in rows.items():
        print(f"  {client:34} {spread(values, ' ms')}   {statistics.median(values) / base:.2f} x   "
              f"CPU {statistics.median(cpu[client]):.0f} ms = {statistics.median(cpu[client]) / base:.1f} x")
    return {client: statistics.median(values) for client, values in rows.items()}


def memory(whole, picture, runs, others, slow):
    print(f"\npeak memory, no window, 4K PNG at 1 Gbit/s, {runs} runs")
    for jobs in (1, 4):
        over = []
        for _ in range(runs):
            with Server(whole, picture, 1_000_000_000) as server:
                lines, _, _ = run([whole, "client", server.url, str(jobs)])
                over.append((lines[0]["peak_kib"] - lines[0]["idle_kib"]) / 1024)
        print(f"  {'Atelier, ' + str(jobs) + ' job(s), over idle':34} {spread(over, ' MiB')}")
        for client, command in others.items():
            if jobs > 1 and client in slow:
                print(f"  {client + ', ' + str(jobs) + ' job(s)':34} left out: it takes minutes")
                continue
            with Server(whole, picture, 1_000_000_000) as server:
                words = [word.replace("URL", server.url) for word in command[:-1]] + [str(jobs)]
                _, peak, _ = run(words)
            print(f"  {client + ', ' + str(jobs) + ' job(s), in all':34} {peak / 1024:.0f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="our own rows only")
    args = parser.parse_args()
    whole = build()
    ours = {"Atelier": [whole, "client", "URL", "1", "--show"]}
    others = {}
    if not args.quick:
        baseline = build_baseline()
        if baseline:
            others["eventsource-stream, serde_json, image"] = [str(baseline), "URL", "1"]
        if subprocess.run([PYTHON, "-c", "import openai, PIL"], stderr=subprocess.DEVNULL).returncode == 0:
            others["openai package, Pillow"] = [PYTHON, str(ROOT / "benches/clients.py"), "URL", "1"]
        else:
            print("no openai package: that row is left out")
    with tempfile.TemporaryDirectory() as folder:
        picture = os.path.join(folder, "picture.png")
        subprocess.run([whole, "picture", picture], check=True)
        last_byte(whole, picture, ours, args.runs, 1_000_000_000)
        last_byte(whole, picture, ours, args.runs, None)
        took = last_byte(whole, picture, {**ours, **others}, 3, 1_000_000_000) if others else {}
        slow = {client for client, milliseconds in took.items() if milliseconds > SLOW_MS}
        memory(whole, picture, min(args.runs, 5), others, slow)


if __name__ == "__main__":
    main()
