"""Batch normalization as an autograd Function with right second derivatives, and a use of these."""

import torch


class BatchNormFunction(torch.autograd.Function):
    """Normalize x (N, C) over the batch, scale and shift; apply as (x, weight, bias, eps).

    Only inputs are saved. Backward computes the statistics from x again, by operations that
    autograd can differentiate: a saved mean is a constant to the second derivative.

    Source: Ioffe and Szegedy 2015, Algorithm 1; the closed form of its gradients in section 3.
    """

    @staticmethod
    def forward(ctx, x, weight, bias, eps):
        """Return y.

        Args:
            ctx: torch's.
            x: (N, C) tensor of a floating dtype, N >= 1.
            weight, bias: (C,) tensors of x's dtype.
            eps: added to the variance inside the root, a number > 0.

        Returns:
            y (N, C) of x's dtype; computed in float64.
        """
        ctx.save_for_backward(x, weight)
        ctx.eps = eps
        x_hat, _ = normalized(x, eps)
        return (weight * x_hat + bias).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        """Return the gradients of x, weight and bias, and None for eps.

        Args:
            ctx: torch's.
            dy: (N, C) tensor, the gradient with respect to y.
        """
        x, weight = ctx.saved_tensors
        x_hat, inv_std = normalized(x, ctx.eps)
        dy = dy.double()
        dweight, dbias = (dy * x_hat).sum(dim=0), dy.sum(dim=0)
        dx = weight * inv_std * (dy - (dbias + x_hat * dweight) / len(x))
        return dx.to(x.dtype), dweight.to(x.dtype), dbias.to(x.dtype), None


def normalized(x, eps):
    """Return x_hat (N, C) and inv_std (C,) of x (N, C), both in float64."""
    wide = x.double()
    centred = wide - wide.mean(dim=0)
    inv_std = (centred.square().mean(dim=0) + eps).rsqrt()  # biased: 1/N
    return centred * inv_std, inv_std


def gradient_penalty(model, x):
    """Return the mean over the batch of the squared norm of the scores' gradient.

    Args:
        model: function of an (N, C) tensor that returns (N,) scores, which may depend on the batch.
        x: (N, C) tensor that requires no gradient; it is left as it is.

    Returns:
        A tensor with no dimensions, that can be differentiated by what the model depends on.

    Source: Mescheder, Geiger and Nowozin 2018, Which Training Methods for GANs do actually
    Converge?, equation 9, without its factor.
    """
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return gradient.square().sum(dim=1).mean()
