"""The ways to run a work: PyTorch in several dress, onnxruntime. Each is prepared once, then timed run by run."""
import contextlib
import copy
import importlib.util
import os
import shutil
import sys
import time
import types

import torch

import works


class Absent(Exception):
    """This engine cannot do this here; the text says why."""


class TorchEngine:
    """DTYPE: f32, bf16 (weights too; f32 masters and autocast in training), autocast."""

    def __init__(self, name, dtype, nhwc=True, compiled=False):
        self.name, self.dtype, self.nhwc, self.compiled = name, dtype, nhwc, compiled
        self.precision = "f32" if dtype == "f32" else "bf16"

    def why_absent(self):
        if not self.compiled or shutil.which(os.environ.get("CXX", "g++")) or torch.cuda.is_available():
            return None
        return "no C++ compiler for torch.compile"

    def prepare(self, job):
        """A function that runs once, and the outputs (training: the loss) before any step."""
        training = job.work in works.TRAINING
        if training and self.dtype == "bf16" and not self.compiled:
            raise Absent("masters stay f32 in training: see the autocast row")
        layout = torch.channels_last if self.nhwc else torch.contiguous_format
        module = works.Work(job.work, job.preset, job.weights).to(job.device, memory_format=layout)
        inputs = [t.to(job.device) for t in job.inputs]
        inputs = [t.to(memory_format=layout) if t.dim() == 4 else t for t in inputs]
        if self.dtype == "bf16" and not training:
            module, inputs = module.bfloat16(), [t.bfloat16() for t in inputs]
        return self.trainer(job, module, inputs) if training else self.inference(job, module, inputs)

    def cast(self, job):
        mixed = self.dtype == "autocast" or (self.dtype == "bf16" and job.work in works.TRAINING)
        return torch.autocast(job.device, torch.bfloat16) if mixed else contextlib.nullcontext()

    def inference(self, job, module, inputs):
        if self.compiled:
            import torch._inductor.config as inductor
            inductor.freezing = job.device == "cpu"
            module = torch.compile(module)

        def run():
            with torch.no_grad(), self.cast(job):
                return module(*inputs)

        return run, [t.float().cpu() for t in run()]

    def trainer(self, job, module, inputs):
        """Forward, backward and Adam; the DM's norm is clipped and its average kept, as the program does."""
        call = torch.compile(module) if self.compiled else module
        parameters = [p for p in module.parameters() if p.requires_grad]
        optimizer = torch.optim.Adam(parameters, lr=1e-6, fused=True)
        averages = [p.detach().clone() for p in parameters] if job.work == "train-dm" else []

        def loss():
            with self.cast(job):
                outputs = call(*inputs)
            return works.loss(job.work, outputs, inputs)

        def run():
            optimizer.zero_grad(set_to_none=True)
            loss().backward()
            if averages:
                torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            if averages:
                torch._foreach_lerp_(averages, parameters, 0.001)

        return run, [self.first_loss(job, module, inputs)]

    def first_loss(self, job, module, inputs):
        """Without dropout, whose numbers the program draws otherwise; batch norm as in training."""
        still = copy.deepcopy(module)
        if job.work == "train-dm":
            still.eval()
        with torch.no_grad(), self.cast(job):
            outputs = still(*inputs)
        return works.loss(job.work, outputs, inputs).float().cpu().reshape(1)


class OnnxEngine:
    """onnxruntime's CPU provider on what torch.onnx exports."""
    name, precision = "onnxruntime-f32", "f32"

    def why_absent(self):
        for needed in ("onnxruntime", "onnx", "onnxscript"):
            if importlib.util.find_spec(needed) is None:
                return f"{needed} is not installed"
        return None

    def prepare(self, job):
        if job.work in works.TRAINING:
            raise Absent("it trains nothing")
        if job.device != "cpu":
            raise Absent("it is asked on the CPU only")
        import onnxruntime
        module = works.Work(job.work, job.preset, job.weights)
        program = torch.onnx.export(module, tuple(job.inputs), dynamo=True, verbose=False,
                                    input_names=list(module.names))
        path = os.path.join(job.folder, "peer.onnx")
        program.save(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = job.threads
        options.add_session_config_entry("session.force_spinning_stop", "1")  # others are timed in between
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        feeds = {i.name: t.numpy() for i, t in zip(session.get_inputs(), job.inputs)}

        def run():
            return session.run(None, feeds)

        return run, [torch.from_numpy(t) for t in run()]


ENGINES = [TorchEngine("torch-f32", "f32", nhwc=False), TorchEngine("torch-f32-nhwc", "f32"),
           TorchEngine("torch-f32-compile", "f32", compiled=True), TorchEngine("torch-bf16-nhwc", "bf16"),
           TorchEngine("torch-bf16-autocast", "autocast"),
           TorchEngine("torch-bf16-compile", "bf16", compiled=True), OnnxEngine()]


def chosen():
    """All, or those named in DKM_PEERS_ENGINES (commas between)."""
    names = [name for name in os.environ.get("DKM_PEERS_ENGINES", "").split(",") if name]
    return [e for e in ENGINES if not names or e.name in names]


def job_of(**values):
    """work, preset, weights (or None), inputs, device, threads, folder."""
    return types.SimpleNamespace(**values)


def timed(run, device):
    """Milliseconds of one run, to the end of it."""
    start = time.perf_counter()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - start) * 1e3


def difference(got, wanted):
    """Relative L2 of all outputs together."""
    error = sum(float(((g.double() - w.double().reshape(g.shape)) ** 2).sum()) for g, w in zip(got, wanted, strict=True))
    return (error / max(sum(float((w.double() ** 2).sum()) for w in wanted), sys.float_info.min)) ** 0.5
