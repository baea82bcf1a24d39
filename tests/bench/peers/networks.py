"""Both networks of DKM in PyTorch, layer for layer what core/model/diffusion.c and segmentation.c
build: the same names, the same arithmetic. Not for: making them fast, which is engines.py.

Pictures are (N, C, H, W) here and (N, H, W, C) in the program.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

MULTIPLIER, FUSED, BLOCKS, TIMESTEP = (1, 2, 2, 2), (3, 4), 2, 50
WIDTHS = {"paper": (128, (128, 256, 512, 1024)), "small": (32, (32, 64, 128, 256)), "tiny": (8, (8, 16, 32, 64))}


def sizes(preset):
    """(base width of the DM, widths of the SM, phases predicted) of a preset by its name."""
    name = preset.removesuffix("-k2")
    return (*WIDTHS[name], 2 if preset.endswith("-k2") else 1)


def conv3(inputs, outputs, stride=1, bias=True):
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=bias)


def group_norm(channels):
    return nn.GroupNorm(min(max(channels // 4, 1), 32), channels, eps=1e-5)


class Residual(nn.Module):
    """Two normalised convolutions with the timestep between them, around a shortcut."""

    def __init__(self, inputs, outputs, base, dropout):
        super().__init__()
        self.temb = nn.Linear(4 * base, outputs)
        self.gn1, self.conv1 = group_norm(inputs), conv3(inputs, outputs)
        self.gn2, self.conv2 = group_norm(outputs), conv3(outputs, outputs)
        self.dropout = nn.Dropout(dropout)
        self.skip1x1 = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x, time):
        h = self.conv1(F.silu(self.gn1(x))) + self.temb(time)[:, :, None, None]
        return self.conv2(self.dropout(F.silu(self.gn2(h)))) + self.skip1x1(x)


class Attention(nn.Module):
    """Over the pixels of a picture, one head."""

    def __init__(self, channels):
        super().__init__()
        self.gn = group_norm(channels)
        self.q, self.k, self.v, self.proj = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        y = self.gn(x)
        q, k, v = (layer(y).flatten(2).transpose(1, 2)[:, None] for layer in (self.q, self.k, self.v))
        y = F.scaled_dot_product_attention(q, k, v)[:, 0].transpose(1, 2).reshape(x.shape)
        return x + self.proj(y)


class Stage(nn.Module):
    """Named layers of one resolution; Diffusion.forward() says in which order they run."""

    def __init__(self, **layers):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)


class Diffusion(nn.Module):
    """The DM. WANTED of forward(): "prediction", or "code" for the fused levels alone, where it stops
    as soon as it has them."""

    def __init__(self, preset, dropout=0.0):
        super().__init__()
        base, _, phases = sizes(preset)
        widths = [base * m for m in MULTIPLIER]
        self.base = base

        def residual(inputs, outputs):
            return Residual(inputs, outputs, base, dropout)

        self.temb = nn.ModuleList([nn.Linear(base, 4 * base), nn.Linear(4 * base, 4 * base)])
        self.conv_in = conv3(1, base)
        skips, x = [base], base
        for i, width in enumerate(widths, 1):
            layers = {f"res{r}": residual(x if r == 1 else width, width) for r in range(1, BLOCKS + 1)}
            skips += [width] * BLOCKS
            if i < len(widths):
                layers["stride2"] = conv3(width, width, 2)
                skips.append(width)
            self.add_module(f"down{i}", Stage(**layers))
            x = width
        self.mid = Stage(res1=residual(x, x), attn=Attention(x), res2=residual(x, x))
        for i in range(len(widths), 0, -1):
            width, layers = widths[i - 1], {}
            for r in range(1, BLOCKS + 2):
                layers[f"res{r}"] = residual(x + skips.pop(), width)
                x = width
            if i > 1:
                layers["upconv"] = conv3(width, width)
            self.add_module(f"up{i}", Stage(**layers))
        self.gn_out, self.conv_out = group_norm(x), conv3(x, phases)

    def embed(self, time):
        half = self.base // 2
        steps = torch.arange(half, device=time.device, dtype=torch.float32)
        angle = time[:, None] * torch.exp(steps * (-math.log(10000) / (half - 1)))
        e = torch.cat([torch.sin(angle), torch.cos(angle)], 1).to(self.temb[0].weight.dtype)
        return F.silu(self.temb[1](F.silu(self.temb[0](e))))

    def encode(self, x, time):
        skips = [x]
        for i in range(1, len(MULTIPLIER) + 1):
            stage = getattr(self, f"down{i}")
            for r in range(1, BLOCKS + 1):
                x = getattr(stage, f"res{r}")(x, time)
                skips.append(x)
            if i < len(MULTIPLIER):
                x = stage.stride2(x)
                skips.append(x)
        return skips

    def forward(self, x, time, wanted="prediction"):
        time = self.embed(time)
        skips, code = self.encode(self.conv_in(x), time), {}
        x = self.mid.res2(self.mid.attn(self.mid.res1(skips[-1], time)), time)
        for i in range(len(MULTIPLIER), 0, -1):
            stage = getattr(self, f"up{i}")
            for r in range(1, BLOCKS + 2):
                x = getattr(stage, f"res{r}")(torch.cat([x, skips.pop()], 1), time)
            code[i] = x
            if wanted == "code" and i == min(FUSED):
                return tuple(code[level] for level in FUSED)
            if i > 1:
                x = stage.upconv(F.interpolate(x, scale_factor=2, mode="nearest"))
        return self.conv_out(F.silu(self.gn_out(x)))


class Segmentation(nn.Module):
    """The SM: logits from a picture and the fused codes."""

    def __init__(self, preset):
        super().__init__()
        base, widths, _ = sizes(preset)
        x, self.levels = 1, len(widths)
        for i, width in enumerate(widths, 1):
            layers = {}
            if i in FUSED:
                code = base * MULTIPLIER[i - 1]
                layers.update(W1x1=nn.Conv2d(code, code, 1, bias=False), Wbn=nn.BatchNorm2d(code))
                x += code
            if x != width:
                layers["proj1x1"] = nn.Conv2d(x, width, 1)
            layers.update(conv1=conv3(x, width, bias=False), bn1=nn.BatchNorm2d(width))
            layers.update(conv2=conv3(width, width, bias=False), bn2=nn.BatchNorm2d(width))
            self.add_module(f"k{i}", Stage(**layers))
            x = width
        for i in range(self.levels, 0, -1):
            width = x // 2
            layers = {"conv1": conv3(x + widths[i - 1], width, bias=False), "bn1": nn.BatchNorm2d(width)}
            layers.update(conv2=conv3(width, width, bias=False), bn2=nn.BatchNorm2d(width))
            self.add_module(f"up{i}", Stage(**layers))
            x = width
        self.head1x1 = nn.Conv2d(x, 1, 1)

    def kinetic_block(self, stage, z, code):
        if code is not None:
            z = torch.cat([F.relu(stage.Wbn(stage.W1x1(code))), z], 1)
        shortcut = stage.proj1x1(z) if hasattr(stage, "proj1x1") else z
        h = F.relu(stage.bn1(stage.conv1(z)))
        return F.relu(stage.bn2(stage.conv2(h)) + shortcut)

    def up_block(self, stage, x, skip):
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        x = F.relu(stage.bn1(stage.conv1(torch.cat([x, skip], 1))))
        return F.relu(stage.bn2(stage.conv2(x)))

    def forward(self, x, *codes):
        given, skips = dict(zip(FUSED, codes)), []
        for i in range(1, self.levels + 1):
            skips.append(self.kinetic_block(getattr(self, f"k{i}"), x, given.get(i)))
            x = F.max_pool2d(skips[-1], 2)
        for i in range(self.levels, 0, -1):
            x = self.up_block(getattr(self, f"up{i}"), x, skips[i - 1])
        return self.head1x1(x)

    def fold_norms(self):
        """Running statistics into the convolutions, as the program does where nothing is trained."""
        for stage in self.children():
            for conv, norm in (("W1x1", "Wbn"), ("conv1", "bn1"), ("conv2", "bn2")):
                if hasattr(stage, norm):
                    setattr(stage, conv, fuse_conv_bn_eval(getattr(stage, conv), getattr(stage, norm)))
                    setattr(stage, norm, nn.Identity())
        return self


def load(module, tensors, prefix):
    """Fills a module from the program's tensors (names without PREFIX are other modules')."""
    for name, norm in module.named_modules():
        if isinstance(norm, nn.BatchNorm2d):
            running = tensors[f"{prefix}{name}.running"]
            norm.running_mean.copy_(running[0])
            norm.running_var.copy_(running[1])
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            stored = tensors[prefix + name]
            if stored.numel() != parameter.numel():
                raise ValueError(f"{prefix}{name} has {tuple(stored.shape)}, not {tuple(parameter.shape)}")
            parameter.copy_(stored.reshape(parameter.shape))
    return module


def loss_dm(prediction, target, weight):
    """The weighted squared error of the effective noise."""
    return (weight[:, None, None, None] * (prediction - target) ** 2).mean()


def loss_sm(logits, label, ssim_weight=0.5):
    """Cross-entropy + Dice + SSIM of the whole picture, the mean over samples."""
    s, g = torch.sigmoid(logits).flatten(1), label.flatten(1)
    entropy = F.binary_cross_entropy_with_logits(logits, label)
    dice = 1 - (2 * (s * g).sum(1) + 1) / (s.sum(1) + g.sum(1) + 1)
    ms, mg = s.mean(1), g.mean(1)
    vs, vg = s.var(1, correction=0), g.var(1, correction=0)
    covariance = ((s - ms[:, None]) * (g - mg[:, None])).mean(1)
    ssim = (2 * ms * mg + 1e-4) * (2 * covariance + 9e-4) / ((ms ** 2 + mg ** 2 + 1e-4) * (vs + vg + 9e-4))
    return entropy + (dice + ssim_weight * (1 - ssim)).mean()
