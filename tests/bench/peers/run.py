#!/usr/bin/env python3
"""PyTorch and onnxruntime on the program's own networks.

As a worker of `dkm bench --peers` it reads requests from standard input, a line each, and answers
each with one line of JSON; README.md beside this file has the words. By itself, on a machine with a
GPU: run.py --device cuda --json OUT.json [--presets small,paper] [--batch 16] [--seconds 5].
"""
import argparse
import gc
import importlib.util
import json
import os
import platform
import statistics
import sys
import time

PROTOCOL = 1


def say_alone(stream, **values):
    stream.write(json.dumps(values) + "\n")
    stream.flush()


class Worker:
    """One work at a time, several engines ready to run it."""

    def __init__(self, device, threads):
        import engines
        import tensors
        import torch
        self.engines, self.read, self.torch = engines, tensors.read, torch
        self.device, self.threads = device, threads
        self.job, self.wanted, self.ready = None, None, {}
        torch.set_num_threads(threads)
        torch.backends.cudnn.allow_tf32 = False

    def hello(self):
        chosen = [(engine, engine.why_absent()) for engine in self.engines.chosen()]
        return {"protocol": PROTOCOL, "python": platform.python_version(), "torch": self.torch.__version__,
                "engines": [{"name": e.name, "dtype": e.precision} for e, why in chosen if not why],
                "absent": [f"{e.name}: {why}" for e, why in chosen if why]}

    def do_work(self, work, preset, weights, data):
        """The next work; forgets the engines of the last."""
        import works
        self.forget()
        values = self.read(data)
        self.wanted = works.outputs_of(values)
        self.set_job(work, preset, self.read(weights), works.inputs_of(work, values))
        return {}

    def set_job(self, work, preset, weights, inputs):
        self.job = self.engines.job_of(work=work, preset=preset, weights=weights, inputs=inputs, device=self.device,
                                       threads=self.threads, folder=os.getcwd())

    def forget(self):
        self.ready = {}
        gc.collect()
        if self.device == "cuda":
            self.torch.cuda.empty_cache()

    def do_prepare(self, name):
        """Builds, compares with the program's result, warms up."""
        engine = next(e for e in self.engines.ENGINES if e.name == name)
        try:
            run, got = engine.prepare(self.job)
        except self.engines.Absent as why:
            return {"absent": str(why)}
        run()
        self.ready[name] = run
        return {"difference": self.engines.difference(got, self.wanted) if self.wanted else None}

    def do_run(self, name):
        return {"ms": self.engines.timed(self.ready[name], self.device)}

    def answer(self, line):
        verb, *words = line.split()
        try:
            return getattr(self, "do_" + verb)(*words)
        except Exception as error:  # whatever a library throws is an answer, not an end
            return {"error": f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"}


def serve(options, stream):
    if importlib.util.find_spec("torch") is None:
        say_alone(stream, protocol=PROTOCOL, engines=[],
                  absent=[f"{name}: not installed" for name in ("torch", "onnxruntime")
                          if importlib.util.find_spec(name) is None])
        return
    worker = Worker(options.device, options.threads)
    say_alone(stream, **worker.hello())
    for line in sys.stdin:
        if line.strip() == "quit":
            return
        if line.strip():
            say_alone(stream, **worker.answer(line))


def measure(worker, options, work, preset):
    """Rows of one work: every engine once a round, until the time is over."""
    import works
    worker.forget()
    worker.set_job(work, preset, None, works.random_inputs(work, preset, options.batch if work in works.TRAINING else 1))
    names, times, rows = [], {}, []
    for engine in worker.hello()["engines"]:
        reply = worker.answer("prepare " + engine["name"])
        if "absent" in reply or "error" in reply:
            print(f"{preset} {work} {engine['name']}: {reply}", file=sys.stderr)
            continue
        names.append(engine)
        times[engine["name"]] = []
    end = time.monotonic() + options.seconds
    while names and (time.monotonic() < end or len(times[names[0]["name"]]) < 3):
        for engine in names:
            times[engine["name"]].append(worker.do_run(engine["name"])["ms"])
    best = {e["dtype"]: min(statistics.median(times[f["name"]]) for f in names if f["dtype"] == e["dtype"]) for e in names}
    for engine in names:
        ms = statistics.median(times[engine["name"]])
        rows.append({"work": work, "preset": preset, "engine": engine["name"], "dtype": engine["dtype"],
                     "threads": worker.threads, "batch": options.batch if work in works.TRAINING else 1,
                     "ms_median": ms, "gflops": None, "ratio_to_best_peer": best[engine["dtype"]] / ms})
        print(f"{preset:6} {work:9} {engine['name']:28} {ms:10.2f} ms")
    return rows


def alone(options):
    import works
    worker = Worker(options.device, options.threads)
    device = worker.torch.cuda.get_device_name() if options.device == "cuda" else platform.processor()
    rows = [row for preset in options.presets.split(",") for work in works.INFERENCE + works.TRAINING
            for row in measure(worker, options, work, preset)]
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump({"machine": {"device": device, "torch": worker.torch.__version__}, "rows": rows}, file, indent=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--json", help="measure by oneself and write the rows here")
    parser.add_argument("--presets", default="small,paper")
    parser.add_argument("--batch", type=int, default=4, help="of training, by oneself")
    parser.add_argument("--seconds", type=float, default=5, help="for each work, by oneself")
    options = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(options.threads)
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    if options.json:
        alone(options)
        return
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")  # libraries print where they like
    os.dup2(2, 1)
    serve(options, stream)


if __name__ == "__main__":
    main()
