"""Modules that are right, in unusual ways."""

import torch

from autograder.mistakes.ex08_module.plain import Pairs

CATALOGUE = Pairs()
cell = CATALOGUE.cell


@cell("var_mean_and_addcmul", of="BatchNorm2d")
def _():
    """Takes both statistics at once, and scales and shifts by addcmul; in-place buffers."""

    class BatchNorm1d(torch.nn.Module):
        takes = (2, 3)

        def __init__(
            self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True
        ):
            super().__init__()
            self.options = eps, momentum
            for name, first in (("weight", torch.ones), ("bias", torch.zeros)):
                made = torch.nn.Parameter(first(num_features)) if affine else None
                self.register_parameter(name, made)
            self.register_buffer("running_mean", None)
            self.register_buffer("running_var", None)
            self.register_buffer("num_batches_tracked", None)
            if track_running_stats:
                self.running_mean = torch.zeros(num_features)
                self.running_var = torch.ones(num_features)
                self.num_batches_tracked = torch.zeros((), dtype=torch.long)

        def forward(self, x):
            eps, momentum = self.options
            if x.ndim not in self.takes:
                raise ValueError(x.ndim)
            dims = [0, 2, 3][: x.ndim - 1]
            along = (slice(None), *[None] * (x.ndim - 2))
            tracked = self.running_mean is not None
            if tracked and not self.training:
                mean, var = self.running_mean[along], self.running_var[along]
            else:
                m = x.shape.numel() / x.size(1)
                if m < 2:
                    raise ValueError("two values are needed")
                var, mean = torch.var_mean(x, dims, correction=0, keepdim=True)
                if tracked:
                    t = self.num_batches_tracked.add_(1)
                    new = 1 / t.to(x.dtype) if momentum is None else momentum
                    self.running_mean.lerp_(mean.detach().flatten(), new)
                    self.running_var.lerp_(var.detach().flatten() * (m / (m - 1)), new)
            x_hat = (x - mean) * torch.rsqrt(var + eps)
            if self.weight is None:
                return x_hat
            return torch.addcmul(self.bias[along], self.weight[along], x_hat)

    class BatchNorm2d(BatchNorm1d):
        takes = (4,)


@cell("rows_by_moving_the_axis")
def _():
    """Moves the channels last and flattens; both classes stand by themselves; float64 inside."""

    def prepare(module, c, affine, track):
        module.weight = torch.nn.Parameter(torch.full((c,), 1.0)) if affine else None
        module.bias = torch.nn.Parameter(torch.full((c,), 0.0)) if affine else None
        state = (torch.zeros(c), torch.ones(c), torch.tensor(0)) if track else (None,) * 3
        for name, value in zip(
            ("running_mean", "running_var", "num_batches_tracked"), state, strict=True
        ):
            module.register_buffer(name, value)

    def normalized(module, x):
        rows = x.movedim(1, -1).flatten(0, -2).double()
        m, has = len(rows), module.running_var is not None
        if module.training or not has:
            if m == 1:
                raise ValueError("one row")
            mean = rows.sum(0) / m
            squares = (rows - mean).pow(2).sum(0)
            var = squares / m
            if has:
                module.num_batches_tracked.add_(1)
                new = module.momentum
                if new is None:
                    new = 1.0 / int(module.num_batches_tracked)
                for kept, value in (
                    (module.running_mean, mean),
                    (module.running_var, squares / (m - 1)),
                ):
                    kept.data.mul_(1 - new).add_(value.detach(), alpha=new)
        else:
            mean, var = module.running_mean.double(), module.running_var.double()
        rows = (rows - mean) / (var + module.eps).sqrt()
        if module.weight is not None:
            rows = rows * module.weight + module.bias
        moved = x.movedim(1, -1)
        return rows.reshape(moved.shape).movedim(-1, 1).to(x.dtype)

    class BatchNorm1d(torch.nn.Module):
        def __init__(
            self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True
        ):
            super().__init__()
            self.eps, self.momentum = eps, momentum
            prepare(self, num_features, affine, track_running_stats)

        def forward(self, x):
            if x.dim() == 2 or x.dim() == 3:
                return normalized(self, x)
            raise ValueError("2 or 3 dimensions")

    class BatchNorm2d(torch.nn.Module):
        def __init__(
            self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True
        ):
            super().__init__()
            self.eps, self.momentum = eps, momentum
            prepare(self, num_features, affine, track_running_stats)

        def forward(self, x):
            if x.dim() != 4:
                raise ValueError("4 dimensions")
            return normalized(self, x)


@cell("scale_and_shift_folded", mutated=False)
def _():
    """Folds everything into one factor and one summand for each channel."""

    class Base(torch.nn.Module):
        def __init__(
            self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True
        ):
            super().__init__()
            self.num_features, self.eps, self.momentum = num_features, eps, momentum
            self.affine, self.track_running_stats = affine, track_running_stats
            if affine:
                self.weight = torch.nn.Parameter(torch.empty(num_features))
                self.bias = torch.nn.Parameter(torch.empty(num_features))
            else:
                self.register_parameter("weight", None)
                self.register_parameter("bias", None)
            empty = torch.empty(num_features) if track_running_stats else None
            self.register_buffer("running_mean", empty)
            self.register_buffer("running_var", None if empty is None else empty.clone())
            count = torch.tensor(0, dtype=torch.int64) if track_running_stats else None
            self.register_buffer("num_batches_tracked", count)
            self.reset_parameters()

        def reset_parameters(self):
            if self.affine:
                torch.nn.init.ones_(self.weight)
                torch.nn.init.zeros_(self.bias)
            if self.track_running_stats:
                self.running_mean.zero_()
                self.running_var.fill_(1)
                self.num_batches_tracked.zero_()

        def extra_repr(self):
            return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"

        @torch.no_grad()
        def update(self, mean, unbiased):
            self.num_batches_tracked.add_(1)
            share = self.momentum
            if share is None:
                share = self.num_batches_tracked.item() ** -1
            self.running_mean.copy_(share * mean + (1 - share) * self.running_mean)
            self.running_var.copy_(share * unbiased + (1 - share) * self.running_var)

        def forward(self, x):
            self.check(x)
            columns = x.transpose(0, 1).reshape(x.shape[1], -1)
            if self.training or not self.track_running_stats:
                if columns.shape[1] == 1:
                    raise ValueError("one value per channel")
                mean = columns.mean(dim=1)
                var = columns.var(dim=1, unbiased=False)
                if self.track_running_stats:
                    self.update(mean, columns.var(dim=1))
            else:
                mean, var = self.running_mean, self.running_var
            scale = (var + self.eps) ** -0.5
            if self.affine:
                scale = scale * self.weight
            shift = -mean * scale
            if self.affine:
                shift = shift + self.bias
            return torch.einsum("nc...,c->nc...", x, scale) + shift.reshape(
                [-1 if axis == 1 else 1 for axis in range(x.dim())]
            )

    class BatchNorm1d(Base):
        def check(self, x):
            if x.dim() not in (2, 3):
                raise ValueError(f"2 or 3 dimensions, not {x.dim()}")

    class BatchNorm2d(Base):
        def check(self, x):
            if x.dim() != 4:
                raise ValueError(f"4 dimensions, not {x.dim()}")


@cell("channel_by_channel", mutated=False)
def _():
    """Loops over channels, and puts them together again."""

    class BatchNorm2d(torch.nn.Module):
        axes = [4]

        def __init__(
            self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True
        ):
            super().__init__()
            self.eps, self.momentum, self.many = eps, momentum, num_features
            self.weight = self.bias = None
            if affine:
                self.weight = torch.nn.Parameter(torch.tensor([1.0] * num_features))
                self.bias = torch.nn.Parameter(torch.tensor([0.0] * num_features))
            mean = torch.tensor([0.0] * num_features) if track_running_stats else None
            var = torch.tensor([1.0] * num_features) if track_running_stats else None
            self.register_buffer("running_mean", mean)
            self.register_buffer("running_var", var)
            self.register_buffer(
                "num_batches_tracked", torch.tensor(0) if track_running_stats else None
            )

        def forward(self, x):
            if x.dim() not in self.axes:
                raise ValueError("dimensions")
            tracks = self.running_mean is not None
            if (self.training or not tracks) and x[:, 0].numel() == 1:
                raise ValueError("one value")
            if self.training and tracks:
                self.num_batches_tracked = self.num_batches_tracked + 1
                self.running_mean = self.running_mean.clone()
                self.running_var = self.running_var.clone()
            return torch.stack([self.one(x[:, c], c) for c in range(self.many)], dim=1)

        def one(self, values, c):
            if self.training or self.running_mean is None:
                mean = values.mean()
                centred = values - mean
                var = (centred * centred).mean()
                if self.running_mean is not None:
                    new = self.momentum
                    new = 1 / float(self.num_batches_tracked) if new is None else new
                    unbiased = torch.var(values.detach())
                    self.running_mean[c] += new * (mean.detach() - self.running_mean[c])
                    self.running_var[c] += new * (unbiased - self.running_var[c])
            else:
                centred, var = values - self.running_mean[c], self.running_var[c]
            y = centred / torch.sqrt(var + self.eps)
            return y if self.weight is None else self.weight[c] * y + self.bias[c]

    class BatchNorm1d(BatchNorm2d):
        axes = [2, 3]


@cell("one_pass_shifted", mutated=False)
def _():
    """Takes the variance in one pass, of values shifted by the first sample of each channel."""

    class BatchNorm1d(torch.nn.Module):
        wanted = "NC", "NCL"

        def __init__(
            self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True
        ):
            super().__init__()
            self.eps, self.momentum, self.track = eps, momentum, track_running_stats
            names = {"weight": 1.0, "bias": 0.0} if affine else {}
            for name in ("weight", "bias"):
                value = torch.ones(num_features) * names[name] if affine else None
                setattr(self, name, None if value is None else torch.nn.Parameter(value))
            for name, value in (("running_mean", 0.0), ("running_var", 1.0)):
                value = torch.zeros(num_features) + value
                self.register_buffer(name, value if self.track else None)
            self.register_buffer("num_batches_tracked", torch.tensor(0) if self.track else None)

        def forward(self, x):
            if x.dim() not in [len(name) for name in self.wanted]:
                raise ValueError(f"expected {self.wanted}")
            wide = x.reshape(x.shape + (1,) * (4 - x.dim()))
            if self.track and not self.training:
                mean, var = self.running_mean, self.running_var
            else:
                mean, var = self.statistics(wide)
            y = (wide - self.wide(mean)) / self.wide(torch.sqrt(var + self.eps))
            if self.weight is not None:
                y = self.wide(self.weight) * y + self.wide(self.bias)
            return y.reshape(x.shape)

        @staticmethod
        def wide(vector):
            return vector[None, :, None, None]

        def statistics(self, x):
            m = x.shape[0] * x.shape[2] * x.shape[3]
            if m == 1:
                raise ValueError("one value")
            first = x[:1, :, :1, :1].detach()
            shifted = x - first
            mean = shifted.sum((0, 2, 3)) / m
            var = torch.clamp((shifted * shifted).sum((0, 2, 3)) / m - mean * mean, min=0)
            mean = mean + first.flatten()
            if self.track:
                self.num_batches_tracked += 1
                new = self.momentum
                if new is None:
                    new = 1 / self.num_batches_tracked
                old = 1 - new
                self.running_mean = (self.running_mean * old + mean * new).detach()
                self.running_var = (self.running_var * old + var * new * m / (m - 1)).detach()
            return mean, var

    class BatchNorm2d(BatchNorm1d):
        wanted = ("NCHW",)


@cell("a_function_of_its_own", of="BatchNorm2d")
def _():
    """Normalizes in a torch.autograd.Function that has its own backward pass."""

    class Normalize(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, eps, axes):
            std, mean = torch.std_mean(x, axes, correction=0, keepdim=True)
            inv_std = 1 / torch.sqrt(std**2 + eps)
            x_hat = (x - mean) * inv_std
            ctx.save_for_backward(x_hat, inv_std)
            ctx.axes = axes
            ctx.mark_non_differentiable(mean, std)
            return x_hat, mean, std

        @staticmethod
        def backward(ctx, dy, dmean, dstd):
            x_hat, inv_std = ctx.saved_tensors
            along = (dy * x_hat).mean(ctx.axes, keepdim=True)
            dx = dy - dy.mean(ctx.axes, keepdim=True) - x_hat * along
            return inv_std * dx, None, None

    class Base(torch.nn.Module):
        def __init__(
            self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True
        ):
            super().__init__()
            self.eps, self.momentum = eps, momentum
            ones, zeros = torch.ones(num_features), torch.zeros(num_features)
            self.weight = torch.nn.Parameter(ones.clone()) if affine else None
            self.bias = torch.nn.Parameter(zeros.clone()) if affine else None
            counter = torch.tensor(0) if track_running_stats else None
            self.register_buffer("num_batches_tracked", counter)
            self.register_buffer("running_var", ones if track_running_stats else None)
            self.register_buffer("running_mean", zeros if track_running_stats else None)

        def forward(self, x):
            if self.wrong(x.dim()):
                raise ValueError(f"{x.dim()} dimensions")
            view = [1] * x.dim()
            view[1] = x.shape[1]
            if self.training or self.running_var is None:
                m = x.numel() / x.shape[1]
                if not m > 1:
                    raise ValueError("M = 1")
                axes = [0, *range(2, x.dim())]
                y, mean, std = Normalize.apply(x, self.eps, axes)
                if self.running_var is not None:
                    self.track(mean.flatten(), std.flatten() ** 2 * m / (m - 1))
            else:
                y = x - self.running_mean.view(view)
                y = y / torch.sqrt(self.running_var + self.eps).view(view)
            return y if self.weight is None else y * self.weight.view(view) + self.bias.view(view)

        def track(self, mean, var):
            self.num_batches_tracked += 1
            t = self.momentum if self.momentum is not None else 1 / float(self.num_batches_tracked)
            self.running_mean = torch.lerp(self.running_mean, mean, t)
            self.running_var = torch.lerp(self.running_var, var, t)

    class BatchNorm1d(Base):
        def wrong(self, dimensions):
            return not 2 <= dimensions <= 3

    class BatchNorm2d(Base):
        def wrong(self, dimensions):
            return dimensions != 4


@cell("autocast_off", of="BatchNorm2d", mutated=False)
def _():
    """Takes the statistics where autocast is off, and keeps its formulas in functions."""

    def statistics(x):
        with torch.autocast(x.device.type, enabled=False):
            reduced = [i for i in range(x.dim()) if i != 1]
            mean = x.mean(reduced, keepdim=True)
            return mean, torch.square(x - mean).mean(reduced, keepdim=True)

    def blend(old, new, share):
        return torch.add(old * (1 - share), new, alpha=share)

    class BatchNorm2d(torch.nn.Module):
        def __init__(
            self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True
        ):
            super().__init__()
            self.epsilon, self.share, self.c = eps, momentum, num_features
            new = {"weight": torch.ones(num_features), "bias": torch.zeros(num_features)}
            for name in new:
                self.register_parameter(name, torch.nn.Parameter(new[name]) if affine else None)
            kept = [torch.zeros(self.c), torch.ones(self.c), torch.zeros((), dtype=torch.int64)]
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                value = kept.pop(0)
                self.register_buffer(name, value if track_running_stats else None)

        def accepts(self, x):
            return x.dim() == 4

        def forward(self, x):
            if not self.accepts(x):
                raise ValueError(f"not for {x.dim()} dimensions")
            shape = [1, self.c, *[1] * (x.dim() - 2)]
            if not self.training and self.running_mean is not None:
                mean, var = self.running_mean.reshape(shape), self.running_var.reshape(shape)
            elif x.numel() == self.c:
                raise ValueError("one value for each channel")
            else:
                mean, var = statistics(x)
                if self.running_mean is not None:
                    self.remember(mean.detach().reshape(-1), var.detach().reshape(-1), x)
            x_hat = torch.div(x - mean, torch.sqrt(var + self.epsilon))
            if self.weight is not None:
                x_hat = torch.mul(x_hat, self.weight.reshape(shape)) + self.bias.reshape(shape)
            return x_hat

        def remember(self, mean, var, x):
            self.num_batches_tracked = self.num_batches_tracked + 1
            share = self.share
            if share is None:
                share = 1 / self.num_batches_tracked.item()
            values = x.numel() // self.c
            self.running_mean = blend(self.running_mean, mean, share)
            self.running_var = blend(self.running_var, values / (values - 1) * var, share)

    class BatchNorm1d(BatchNorm2d):
        def accepts(self, x):
            return x.dim() in (2, 3)
