#!/usr/bin/env python3
"""The peers' networks are ours: every engine at hand computes what our engine computes. Usage: check.py DKM

Exit 77 where neither DKM_PEERS_PYTHON nor python3 has torch.
"""
import json
import os
import subprocess
import sys

WORKS = ("dm-taps", "dm", "sm", "slice", "train-dm", "train-sm")
WITHIN = {"f32": 1e-4, "bf16": 0.05}  # of a loss, a tenth
ENGINES = "torch-f32,torch-f32-nhwc,torch-bf16-nhwc,torch-bf16-autocast,onnxruntime-f32"


def has_torch(python):
    try:
        return subprocess.run([python, "-c", "import torch"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def bench(dkm, python, preset):
    """Compiled engines compute the same by other code; they take minutes, so only a bench asks them."""
    words = [dkm, "bench", f"--peers={python}", "--preset", preset, "--threads", "1", "--seconds", "0.01", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True,
                          env={"DKM_PEERS_ENGINES": ENGINES, **os.environ})
    return json.loads(done.stdout)


def main():
    python = os.environ.get("DKM_PEERS_PYTHON") or "python3"
    if not has_torch(python):
        print(f"skipped: {python} has no torch (DKM_PEERS_PYTHON names another; tests/bench/peers/requirements.txt)")
        return 77
    failed = 0
    for preset in ("tiny", "tiny-k2"):
        result = bench(sys.argv[1], python, preset)
        for work in WORKS:
            rows = [row for row in result["rows"] if row["work"] == work]
            peers = [row for row in rows if row["engine"].startswith("torch-f32")]
            share = 0.1 if work.startswith("train") else 1
            wrong = [row for row in rows if not row["difference"] <= WITHIN[row["dtype"]] * share]
            failed += not peers or bool(wrong)
            print("not ok" if not peers or wrong else "ok", preset, work,
                  *(f"{row['engine']} {row['dtype']} {row['difference']:.1e}," for row in rows))
        for row in result["peers"]:
            if not row["figures"]:
                print("#", row["name"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
