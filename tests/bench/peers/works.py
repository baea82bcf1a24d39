"""What is timed, as one module a work, and the numbers that go in. Names are those of `dkm bench --peers`."""
import torch
from torch import nn

import networks

INFERENCE = ("dm-taps", "dm", "sm", "slice")
TRAINING = ("train-dm", "train-sm")
SIDE, TRAIN_SIDE, DROPOUT = 256, 112, 0.1


class Work(nn.Module):
    """The modules that one work runs; forward() takes the inputs in the order of NAMES."""

    def __init__(self, name, preset, tensors):
        super().__init__()
        self.name = name
        self.names = input_names(name)
        if name != "sm" and name != "train-sm":
            self.dm = networks.Diffusion(preset, DROPOUT if name in TRAINING else 0.0)
        if name in ("sm", "slice", "train-sm"):
            self.sm = networks.Segmentation(preset)
        if tensors:
            for prefix, module in self.named_children():
                networks.load(module, tensors, prefix + ".")
        self.register_buffer("time", torch.tensor([float(networks.TIMESTEP - 1)]))
        if name in TRAINING:
            self.train()
        else:
            self.eval().requires_grad_(False)
            if hasattr(self, "sm"):
                self.sm.fold_norms()

    def forward(self, *inputs):
        """Outputs of inference, as a tuple; what the loss is made of in training."""
        if self.name == "dm-taps":
            return self.dm(inputs[0], self.time, "code")
        if self.name == "dm":
            return (self.dm(inputs[0], self.time),)
        if self.name == "slice":
            return (self.sm(inputs[1], *self.dm(inputs[0], self.time, "code")),)
        if self.name == "train-dm":
            return (self.dm(inputs[0], inputs[1]),)
        return (self.sm(inputs[0], *inputs[-len(networks.FUSED):]),)


def input_names(work):
    codes = tuple(f"f{level}" for level in networks.FUSED)
    return {"dm-taps": ("x_t",), "dm": ("x_t",), "sm": ("x_0",) + codes, "slice": ("x_t", "x_0"),
            "train-dm": ("x", "time", "target", "weight"), "train-sm": ("x_0", "label") + codes}[work]


def inputs_of(work, tensors):
    """The inputs of a data file of the program, in order."""
    inputs = [tensors["in." + name] for name in input_names(work)]
    return [t.flatten() if name in ("time", "weight") else t for name, t in zip(input_names(work), inputs)]


def outputs_of(tensors):
    """The program's own f32 result, in the order of the names."""
    return [tensors[name] for name in sorted(tensors) if name.startswith("out.")]


def random_inputs(work, preset, batch):
    """Where no program gives any."""
    generator = torch.Generator().manual_seed(1)
    base, _, phases = networks.sizes(preset)
    side = TRAIN_SIDE if work in TRAINING else SIDE

    def shape(name):
        if name in ("time", "weight"):
            return (batch,)
        if name[0] == "f":
            level = int(name[1:])
            return (batch, base * networks.MULTIPLIER[level - 1], side >> level - 1, side >> level - 1)
        return (batch, phases if name == "target" else 1, side, side)

    values = {name: torch.randn(shape(name), generator=generator) for name in input_names(work)}
    for name, value in values.items():
        if name == "label":
            values[name] = (value > 1).float()
        elif name in ("time", "weight"):
            values[name] = value.abs()
    return list(values.values())


def loss(work, outputs, inputs):
    if work == "train-dm":
        return networks.loss_dm(outputs[0].float(), inputs[2], inputs[3])
    return networks.loss_sm(outputs[0].float(), inputs[1])
