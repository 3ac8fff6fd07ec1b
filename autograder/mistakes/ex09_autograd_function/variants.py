"""Right Functions, written in an unusual way."""

from autograder.mistakes.ex09_autograd_function.plain import Functions

CATALOGUE = Functions()
written = CATALOGUE.written

written(
    "setup_context",
    "Has forward without ctx, setup_context, and a rule for vmap.",
    """
    class BatchNormFunction(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x, weight, bias, eps):
            var, mean = torch.var_mean(x, dim=0, correction=0)
            return torch.addcmul(bias, x - mean, weight * torch.rsqrt(var + eps))

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, weight, bias, ctx.eps = inputs
            ctx.save_for_backward(x, weight)

        @staticmethod
        def backward(ctx, dy):
            x, weight = ctx.saved_tensors
            var, mean = torch.var_mean(x, dim=0, correction=0)
            inv_std = torch.rsqrt(var + ctx.eps)
            x_hat = (x - mean) * inv_std
            dx = dy - dy.mean(dim=0) - x_hat * (dy * x_hat).mean(dim=0)
            return weight * inv_std * dx, torch.einsum("nc,nc->c", dy, x_hat), dy.sum(dim=0), None
    """,
)

written(
    "staged_and_asks_what_is_needed",
    "Goes backward in stages, and returns None wherever it may.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            ctx.save_for_backward(x, weight)
            ctx.eps = eps
            centred = x - x.mean(dim=0, keepdim=True)
            std = torch.sqrt(torch.mean(centred * centred, dim=0, keepdim=True) + eps)
            return weight * (centred / std) + bias

        @staticmethod
        def backward(ctx, dy):
            x, weight = ctx.saved_tensors
            needs = ctx.needs_input_grad
            dx = dweight = dbias = None
            M = x.shape[0]
            centred = x - x.sum(dim=0) / M
            inv_std = (torch.sum(centred**2, dim=0) / M + ctx.eps) ** -0.5
            if needs[0]:
                dx_hat = weight * dy
                dvar = torch.sum(dx_hat * centred, dim=0) * -0.5 * inv_std**3
                dmean = -inv_std * torch.sum(dx_hat, dim=0)
                dx = dx_hat * inv_std + dvar * 2 * centred / M + dmean / M
            if needs[1]:
                dweight = torch.sum(dy * centred * inv_std, dim=0)
            if needs[2]:
                dbias = torch.sum(dy, dim=0)
            return dx, dweight, dbias, None
    """,
)

written(
    "second_function",
    "Has a second Function for its gradients, with the second derivatives written out.",
    """
    class BatchNormFunction(torch.autograd.Function):
        class Gradients(torch.autograd.Function):
            @staticmethod
            def forward(ctx, dy, x, weight, mean, inv_std):
                ctx.save_for_backward(dy, x, weight, mean, inv_std)
                x_hat = (x - mean) * inv_std
                dbias, dweight = dy.sum(dim=0), (dy * x_hat).sum(dim=0)
                dx = weight * inv_std * (dy - (dbias + x_hat * dweight) / len(x))
                return dx, dweight, dbias

            @staticmethod
            @torch.autograd.function.once_differentiable
            def backward(ctx, u, uw, ub):
                dy, x, weight, mean, inv_std = ctx.saved_tensors
                x_hat = (x - mean) * inv_std

                def across(v):
                    return v - v.mean(dim=0) - x_hat * (v * x_hat).mean(dim=0)

                to_dy = weight * inv_std * across(u) + uw * x_hat + ub
                to_weight = inv_std * (dy * across(u)).sum(dim=0)
                along_u, along_dy = (u * x_hat).mean(dim=0), (dy * x_hat).mean(dim=0)
                both = (u * across(dy)).mean(dim=0)
                crossed = along_dy * across(u) + along_u * across(dy) + both * x_hat
                to_x = inv_std * across(uw * dy) - weight * inv_std**2 * crossed
                return to_dy, to_x, to_weight, None, None

        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            mean = x.mean(dim=0)
            inv_std = ((x - mean).square().mean(dim=0) + eps).rsqrt()
            ctx.save_for_backward(x, weight, mean, inv_std)
            return weight * ((x - mean) * inv_std) + bias

        @staticmethod
        def backward(ctx, dy):
            x, weight, mean, inv_std = ctx.saved_tensors
            found = BatchNormFunction.Gradients.apply(dy, x, weight, mean, inv_std)
            return *found, None
    """,
)

written(
    "statistics_as_outputs",
    "Has the statistics as outputs of the Function, and saves these.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @classmethod
        def apply(cls, x, weight, bias, eps):
            return super().apply(x, weight, bias, eps)[0]

        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            mean = x.mean(dim=0)
            inv_std = ((x - mean).square().mean(dim=0) + eps).rsqrt()
            ctx.save_for_backward(x, weight, mean, inv_std)
            return weight * (x - mean) * inv_std + bias, mean, inv_std

        @staticmethod
        def backward(ctx, dy, dmean, dinv_std):
            x, weight, mean, inv_std = ctx.saved_tensors
            x_hat = (x - mean) * inv_std
            dbias, dweight = dy.sum(dim=0), (dy * x_hat).sum(dim=0)
            dx = weight * inv_std * (dy - (dbias + x_hat * dweight) / len(x))
            dx = dx + (dmean - dinv_std * inv_std**2 * x_hat) / len(x)
            return dx, dweight, dbias, None
    """,
)

written(
    "x_hat_as_output",
    "Has x_hat and inv_std as outputs of the Function, and saves these in place of x.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @classmethod
        def apply(cls, x, weight, bias, eps):
            y, _, _ = super().apply(x, weight, bias, eps)
            return y

        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            var, mean = torch.var_mean(x, dim=0, correction=0)
            inv_std = torch.rsqrt(var + eps)
            x_hat = (x - mean) * inv_std
            ctx.save_for_backward(weight, x_hat, inv_std)
            return weight * x_hat + bias, x_hat, inv_std

        @staticmethod
        def backward(ctx, dy, dx_hat, dinv_std):
            weight, x_hat, inv_std = ctx.saved_tensors
            dx_hat = dx_hat + weight * dy
            inner = dx_hat - dx_hat.mean(dim=0) - x_hat * (dx_hat * x_hat).mean(dim=0)
            dx = inv_std * inner - dinv_std * inv_std**2 * x_hat / len(dy)
            return dx, (dy * x_hat).sum(dim=0), dy.sum(dim=0), None
    """,
)

written(
    "scale_and_shift",
    "Folds everything into one scale and one shift, and leaves the sum for dbias to autograd.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            mean = x.mean(0)
            scale = weight / torch.sqrt(x.var(0, unbiased=False) + eps)
            ctx.save_for_backward(weight, x)
            ctx.eps, ctx.samples = eps, len(x)
            return torch.addcmul(bias - mean * scale, x, scale)

        @staticmethod
        def backward(ctx, dy):
            weight, x = ctx.saved_tensors
            mean = x.mean(0)
            inv_std = torch.rsqrt(x.var(0, unbiased=False) + ctx.eps)
            total, with_x = dy.sum(0), (dy * (x - mean)).sum(0)
            a = weight * inv_std
            k = -a * inv_std**2 * with_x / ctx.samples
            c = -a * total / ctx.samples - k * mean
            dx = torch.addcmul(torch.addcmul(c, x, k), dy, a)
            return dx, with_x * inv_std, dy, None
    """,
)

written(
    "wide_inside",
    "Computes in float64, and gives gradients an axis of length 1.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            x_wide = x.double()
            mean = x_wide.mean(dim=0, keepdim=True)
            inv_std = 1.0 / (((x_wide - mean) ** 2).mean(dim=0, keepdim=True) + eps).sqrt()
            ctx.save_for_backward(x, weight)
            ctx.options = {"eps": eps, "samples": len(x)}
            return ((x_wide - mean) * inv_std * weight + bias).to(x.dtype)

        @staticmethod
        def backward(ctx, dy):
            x, weight = ctx.saved_tensors
            x, dy = x.double(), dy.contiguous().double()
            mean = x.mean(dim=0, keepdim=True)
            inv_std = 1.0 / (((x - mean) ** 2).mean(dim=0, keepdim=True) + ctx.options["eps"]).sqrt()
            x_hat = (x - mean) * inv_std
            dbias = dy.sum(dim=0, keepdim=True)
            dweight = (dy * x_hat).sum(dim=0, keepdim=True)
            m = ctx.options["samples"]
            dx = weight * inv_std / m * (m * dy - dbias - x_hat * dweight)
            return dx, dweight, dbias, None
    """,
)

written(
    "jacobian_of_each_channel",
    "Multiplies dy by the whole Jacobian of each channel.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            ctx.save_for_backward(x, weight)
            ctx.eps = eps
            return BatchNormFunction.normalized(x, eps)[0] * weight + bias

        @staticmethod
        def normalized(x, eps):
            centring = torch.eye(len(x), dtype=x.dtype) - 1 / len(x)
            centred = centring @ x
            std = torch.sqrt(torch.einsum("nc,nc->c", centred, centred) / len(x) + eps)
            return centred / std, std, centring

        @staticmethod
        def backward(ctx, dy):
            x, weight = ctx.saved_tensors
            x_hat, std, centring = BatchNormFunction.normalized(x, ctx.eps)
            columns = []
            for c in range(x.shape[1]):
                jacobian = centring - torch.outer(x_hat[:, c], x_hat[:, c]) / len(x)
                columns.append(weight[c] / std[c] * (jacobian @ dy[:, c]))
            dx = torch.stack(columns, dim=1)
            return dx, (dy * x_hat).sum(0), torch.ones(len(x), dtype=dy.dtype) @ dy, None
    """,
)

written(
    "channel_after_channel",
    "Loops over channels.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            ctx.save_for_backward(x, weight)
            ctx.eps = eps
            y = torch.empty_like(x)
            for c in range(x.shape[1]):
                centred = x[:, c] - x[:, c].sum() / len(x)
                y[:, c] = weight[c] * centred / ((centred @ centred) / len(x) + eps) ** 0.5 + bias[c]
            return y

        @staticmethod
        def backward(ctx, dy):
            x, weight = ctx.saved_tensors
            dx, dweight = [], []
            for c in range(x.shape[1]):
                centred = x[:, c] - x[:, c].sum() / len(x)
                inv_std = ((centred @ centred) / len(x) + ctx.eps) ** -0.5
                x_hat, dy_c = centred * inv_std, dy[:, c]
                dweight.append(dy_c @ x_hat)
                inner = dy_c - dy_c.mean() - x_hat * dweight[-1] / len(x)
                dx.append(weight[c] * inv_std * inner)
            return torch.stack(dx, 1), torch.stack(dweight), dy.sum(0), None
    """,
)

written(
    "in_place_on_its_own",
    "Works in place, on tensors of its own.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            ctx.save_for_backward(x, weight)
            ctx.eps = float(eps)
            y = x.clone()
            y -= y.mean(dim=0)
            y /= y.square().mean(dim=0).add_(eps).sqrt_()
            return y.mul_(weight).add_(bias)

        @staticmethod
        def backward(ctx, dy):
            x, weight = ctx.saved_tensors
            centred = x.clone()
            centred -= x.mean(dim=0)
            inv_std = centred.square().mean(dim=0).add(ctx.eps).rsqrt()
            x_hat = centred * inv_std
            dweight = (dy * x_hat).sum(dim=0)
            dx = dy.clone()
            dx -= dy.mean(dim=0)
            dx -= x_hat * (dweight / len(x))
            dx *= weight * inv_std
            return dx, dweight, dy.sum(dim=0), None
    """,
)

written(
    "saves_what_is_needed",
    "Saves less where less is needed, and has the one-pass variance.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @staticmethod
        def statistics(x, eps):
            mean = x.mean(0)
            var = ((x * x).mean(0) - mean * mean).clamp(min=0)
            return mean, torch.rsqrt(var + eps)

        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            x_needs, weight_needs, _, _ = ctx.needs_input_grad
            ctx.save_for_backward(
                x if x_needs or weight_needs else None, weight if x_needs else None
            )
            ctx.eps, ctx.shape = eps, x.shape
            mean, inv_std = BatchNormFunction.statistics(x, eps)
            return torch.addcmul(bias, (x - mean) * inv_std, weight)

        @staticmethod
        def backward(ctx, dy):
            x, weight = ctx.saved_tensors
            x_needs, weight_needs, bias_needs, _ = ctx.needs_input_grad
            dx = dweight = None
            if x is not None:
                mean, inv_std = BatchNormFunction.statistics(x, ctx.eps)
                x_hat = (x - mean) * inv_std
                dweight = (dy * x_hat).sum(0) if weight_needs else None
            if x_needs:
                dx = weight * inv_std * (dy - dy.mean(0) - x_hat * (dy * x_hat).mean(0))
            return dx, dweight, dy.sum(0) if bias_needs else None, None
    """,
    mutated=False,
)

written(
    "sample_after_sample",
    "Updates mean and variance sample by sample, and has class methods.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @staticmethod
        def statistics(x, eps):
            mean = squares = torch.zeros_like(x[0])
            for count, row in enumerate(x, start=1):
                step = row - mean
                mean = mean + step / count
                squares = squares + step * (row - mean)
            return mean, (squares / len(x) + eps) ** -0.5

        @classmethod
        def forward(cls, ctx, x, weight, bias, eps):
            ctx.save_for_backward(x, weight, bias)
            ctx.eps = eps
            mean, inv_std = cls.statistics(x, eps)
            return (x - mean) * inv_std * weight + bias

        @classmethod
        def backward(cls, ctx, dy):
            x, weight, bias = ctx.saved_tensors
            mean, inv_std = cls.statistics(x, ctx.eps)
            x_hat, dx_hat, n = (x - mean) * inv_std, dy * weight, len(x)
            dx = (n * dx_hat - dx_hat.sum(0) - x_hat * (dx_hat * x_hat).sum(0)) * inv_std / n
            return dx, (dy * x_hat).sum(0), dy.sum(0), None
    """,
    mutated=False,
)

written(
    "outputs_not_materialized",
    "Has setup_context, further outputs, and gradients that may be None.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @classmethod
        def apply(cls, *arguments):
            return super().apply(*arguments)[0]

        @staticmethod
        def forward(x, weight, bias, eps):
            var, mean = torch.var_mean(x, 0, correction=0, keepdim=True)
            inv_std = torch.rsqrt(var + eps)
            return (x - mean) * inv_std * weight + bias, mean, inv_std

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.set_materialize_grads(False)
            ctx.save_for_backward(*inputs[:2], *output[1:])

        @staticmethod
        def backward(ctx, dy, dmean, dinv_std):
            x, weight, mean, inv_std = ctx.saved_tensors
            x_hat, dx, dweight, dbias = (x - mean) * inv_std, 0, None, None
            if dy is not None:
                dweight, dbias = (dy * x_hat).sum(0), dy.sum(0)
                dx = weight * inv_std * (dy - (dbias + x_hat * dweight) / len(x))
            if dmean is not None:
                dx = dx + dmean / len(x)
            if dinv_std is not None:
                dx = dx - dinv_std * inv_std**2 * x_hat / len(x)
            return dx, dweight, dbias, None
    """,
    mutated=False,
)

written(
    "products_of_matrices",
    "Multiplies matrices, and makes a tensor of eps.",
    """
    class BatchNormFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, bias, eps):
            ctx.save_for_backward(x, weight)
            ctx.eps, ctx.samples = torch.tensor(eps), x.size(0)
            mean = torch.ones(1, ctx.samples, dtype=x.dtype) @ x / ctx.samples
            centred = x - mean
            std = torch.sqrt(torch.diagonal(centred.t() @ centred) / ctx.samples + ctx.eps)
            return centred @ torch.diag(weight / std) + bias

        @staticmethod
        def backward(ctx, dy):
            x, weight = ctx.saved_tensors
            centred = x - x.mean(0, True)
            std = torch.sqrt((centred**2).mean(0) + ctx.eps)
            x_hat, scaled = centred / std, dy * weight / std
            dx = scaled - scaled.mean(0, True) - x_hat * torch.mean(scaled * x_hat, 0)
            dbias = torch.ones(ctx.samples, dtype=dy.dtype) @ dy
            return dx, torch.diagonal(dy.t() @ x_hat), dbias, None
    """,
    mutated=False,
)
