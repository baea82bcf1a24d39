#!/usr/bin/env python3
"""Golden tensors for the two networks, from a PyTorch implementation written from the specification
of DKM alone: forward, loss, gradients and one Adam step of preset `tiny`.

Usage: make-golden.py OUT.safetensors        (needs torch and safetensors)

Weights and inputs are not stored: both sides make them from the formula in hashed(), exact in
integers. Tensor names: dm.* and sm.*; tolerances stand in ../test-golden.c.
"""
import math
import sys
import zlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

BASE, MULT, SM = 8, (1, 2, 2, 2), (8, 16, 32, 64)
N, SIDE, FUSE = 2, 32, (3, 4)
torch.manual_seed(0)
torch.set_num_threads(1)


def hashed(name, shape):
    """Numbers in [-1, 1): ((i * 2654435761 + crc32(name)) mod 2^32) / 2^31 - 1, i in NHWC order."""
    n = 1
    for s in shape:
        n *= s
    i = torch.arange(n, dtype=torch.int64)
    u = (i * 2654435761 + zlib.crc32(name.encode())) % (1 << 32)
    return (u.double() / (1 << 31) - 1).reshape(shape)


def nchw(name, n, h, w, c, scale=1.0, offset=0.0):
    """A tensor that is (n, h, w, c) in the program, as PyTorch orders it."""
    return (hashed(name, (n, h, w, c)) * scale + offset).float().permute(0, 3, 1, 2).contiguous()


class Net:
    """Parameters by name, made when first asked for."""

    def __init__(self, prefix):
        self.prefix, self.p, self.state = prefix, {}, {}

    def get(self, name, make):
        if name not in self.p:
            self.p[name] = make(self.prefix + name).requires_grad_(True)
        return self.p[name]

    def conv(self, name, x, out, k=3, stride=1, bias=True):
        ci = x.shape[1]
        w = self.get(name + ".weight", lambda f: nchw(f, out, k, k, ci, math.sqrt(1.5 / (k * k * ci))))
        b = self.get(name + ".bias", lambda f: nchw(f, 1, 1, 1, out, 0.1).reshape(out)) if bias else None
        return F.conv2d(x, w, b, stride=stride, padding=(k - 1) // 2)

    def affine(self, name, c):
        return (self.get(name + ".weight", lambda f: nchw(f, 1, 1, 1, c, 0.2, 1.0).reshape(c)),
                self.get(name + ".bias", lambda f: nchw(f, 1, 1, 1, c, 0.2).reshape(c)))

    def gn(self, name, x, act=True):
        y = F.group_norm(x, min(32, x.shape[1] // 4), *self.affine(name, x.shape[1]), eps=1e-5)
        return F.silu(y) if act else y


def dm_forward(n, x, time):
    half = BASE // 2
    w = torch.exp(-math.log(10000) * torch.arange(half).double() / (half - 1))
    e = torch.cat([torch.sin(time[:, None] * w), torch.cos(time[:, None] * w)], 1).float()[:, :, None, None]
    e = n.conv("temb.1", F.silu(n.conv("temb.0", e, 4 * BASE, 1)), 4 * BASE, 1)
    temb = F.silu(e)

    def rb(tag, h, co):
        y = n.conv(tag + ".conv1", n.gn(tag + ".gn1", h), co) + n.conv(tag + ".temb", temb, co, 1)
        y = n.conv(tag + ".conv2", n.gn(tag + ".gn2", y), co)
        return y + (h if h.shape[1] == co else n.conv(tag + ".skip1x1", h, co, 1))

    def attn(tag, h):
        b, c, hh, ww = h.shape
        y = n.gn(tag + ".gn", h, False)
        q, k, v = (n.conv("%s.%s" % (tag, s), y, c, 1).reshape(b, c, hh * ww) for s in "qkv")
        a = torch.softmax(torch.einsum("bci,bcj->bij", q, k) / math.sqrt(c), -1)
        return h + n.conv(tag + ".proj", torch.einsum("bij,bcj->bci", a, v).reshape(b, c, hh, ww), c, 1)

    h = n.conv("conv_in", x, BASE)
    skips = [h]
    for i, m in enumerate(MULT, 1):
        for r in (1, 2):
            h = rb("down%d.res%d" % (i, r), h, BASE * m)
            skips.append(h)
        if i < 4:
            h = n.conv("down%d.stride2" % i, h, BASE * m, stride=2)
            skips.append(h)
    h = rb("mid.res2", attn("mid.attn", rb("mid.res1", h, h.shape[1])), h.shape[1])
    code = {}
    for i in (4, 3, 2, 1):
        for r in (1, 2, 3):
            h = rb("up%d.res%d" % (i, r), torch.cat([h, skips.pop()], 1), BASE * MULT[i - 1])
        code[i] = h
        if i > 1:
            h = n.conv("up%d.upconv" % i, F.interpolate(h, scale_factor=2, mode="nearest"), h.shape[1])
    return n.conv("conv_out", n.gn("gn_out", h), 1), code


def sm_forward(n, x, code, training):
    def bn(name, y):
        c = y.shape[1]
        if name not in n.state:
            full = n.prefix + name
            n.state[name] = (nchw(full + ".mean", 1, 1, 1, c, 0.1).reshape(c),
                             nchw(full + ".variance", 1, 1, 1, c, 0.3, 1.0).reshape(c))
        mean, var = n.state[name]
        return F.batch_norm(y, mean, var, *n.affine(name, c), training=training, momentum=0.1, eps=1e-5)

    ys, z = [], x
    for i, c in enumerate(SM, 1):
        k = "k%d." % i
        if i in FUSE:
            f = code[i]
            z = torch.cat([F.relu(bn(k + "Wbn", n.conv(k + "W1x1", f, f.shape[1], 1, bias=False))), z], 1)
        p = z if z.shape[1] == c else n.conv(k + "proj1x1", z, c, 1)
        y = F.relu(bn(k + "bn1", n.conv(k + "conv1", z, c, bias=False)))
        y = F.relu(bn(k + "bn2", n.conv(k + "conv2", y, c, bias=False)) + p)
        ys.append(y)
        z = F.max_pool2d(y, 2)
    for i in (4, 3, 2, 1):
        u, c = "up%d." % i, z.shape[1] // 2
        z = torch.cat([F.interpolate(z, scale_factor=2, mode="bilinear", align_corners=True), ys[i - 1]], 1)
        z = F.relu(bn(u + "bn1", n.conv(u + "conv1", z, c, bias=False)))
        z = F.relu(bn(u + "bn2", n.conv(u + "conv2", z, c, bias=False)))
    return n.conv("head1x1", z, 1, 1)


def seg_loss(logits, g, lam=0.5):
    s = torch.sigmoid(logits)
    total = 0
    for i in range(N):
        a, b = s[i].flatten(), g[i].flatten()
        ce = F.binary_cross_entropy_with_logits(logits[i].flatten(), b)
        dice = 1 - (2 * (a * b).sum() + 1) / (a.sum() + b.sum() + 1)
        ma, mb = a.mean(), b.mean()
        va, vb, cov = ((a - ma) ** 2).mean(), ((b - mb) ** 2).mean(), ((a - ma) * (b - mb)).mean()
        ssim = (2 * ma * mb + 1e-4) * (2 * cov + 9e-4) / ((ma * ma + mb * mb + 1e-4) * (va + vb + 9e-4))
        total = total + ce + dice + lam * (1 - ssim)
    return total / N


def step(n, loss, out, prefix, adam_names):
    """Gradients, then one Adam step with L2 and a clipped norm."""
    params = list(n.p.values())
    loss.backward()
    out[prefix + "loss"] = loss.detach().reshape(1)
    for name, p in n.p.items():
        out[prefix + "gradient." + name] = p.grad.clone()
    torch.nn.utils.clip_grad_norm_(params, 0.5)
    torch.optim.Adam(params, lr=1e-2, weight_decay=1e-2).step()
    for name in adam_names:
        out[prefix + "adam." + name] = n.p[name].detach().clone()


def main():
    out = {}
    dm = Net("dm.")
    time = torch.tensor([49.0, 749.0], dtype=torch.double)
    weight = torch.tensor([0.7, 1.3])
    prediction, code = dm_forward(dm, nchw("x", N, SIDE, SIDE, 1, 1.7), time)
    loss = (weight[:, None, None, None] * (prediction - nchw("target", N, SIDE, SIDE, 1, 1.7)) ** 2).mean()
    out["dm.prediction"] = prediction.detach()
    for i in code:
        out["dm.f%d" % i] = code[i].detach()
    step(dm, loss, out, "dm.", ["conv_in.weight", "mid.attn.proj.weight", "up4.res1.skip1x1.weight", "gn_out.bias"])

    sm = Net("sm.")
    x = nchw("x_0", N, SIDE, SIDE, 1, 1.7)
    codes = {3: nchw("f3", N, SIDE // 4, SIDE // 4, 16, 1.2), 4: nchw("f4", N, SIDE // 8, SIDE // 8, 16, 1.2)}
    label = (nchw("label", N, SIDE, SIDE, 1) > 0.4).float()
    with torch.no_grad():
        out["sm.inference"] = sm_forward(sm, x, codes, False)
    logits = sm_forward(sm, x, codes, True)
    out["sm.logits"] = logits.detach()
    for name in ("k1.bn1", "up1.bn2"):
        out["sm.running." + name] = torch.stack(sm.state[name])
    step(sm, seg_loss(logits, label), out, "sm.", ["k3.W1x1.weight", "k4.bn2.weight", "head1x1.weight"])
    save_file({k: v.contiguous() for k, v in out.items()}, sys.argv[1])
    print("%d tensors, %d values" % (len(out), sum(v.numel() for v in out.values())))


main()
