# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   course:
#     version: "1"
# ---

# %% [markdown]
# # Exercise 9: an autograd Function, differentiated twice
#
# PyTorch differentiates batch norm for you. Here you teach it how: you will write batch norm as a
# `torch.autograd.Function`, with the closed form as its backward pass. Then you will differentiate your
# gradients once more. A Function can pass every test of its first derivatives and give wrong second ones
# without a word; you will find out why, and put it right.
#
# **After this exercise you can** write a Function that saves little and keeps nothing in the wrong place; say
# what autograd can see of a backward pass and what it cannot; find out whether second derivatives are right;
# put a gradient into a loss.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 11, The formula as an autograd function (`book/11_autograd_function.md`, or the page of that
# name on the website). The closed form is derived in chapter 5.
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state.

# %% nbgrader={"grade_id": "setup"}
import torch

try:
    from check_ex09_autograd_function import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex09_autograd_function.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "cube_text"}
# ## How a Function works
#
# A Function is a class with two static methods, and is never instantiated. `Cube.apply(x)` calls `forward`,
# during which autograd records nothing. Later, when a gradient is wanted, autograd calls `backward` with the
# gradient `dy` with respect to the output. `backward` returns **one value for each argument of `forward`**,
# in their order, `ctx` left out: a gradient, or `None` for what has none, such as a number.
#
# `ctx` carries what `backward` needs. Tensors go through `ctx.save_for_backward(...)` and come back from
# `ctx.saved_tensors`; anything else, such as a number, may be an attribute of `ctx`.
#
# This Function computes $x^3$, times a number:


# %% nbgrader={"grade_id": "cube"}
class Cube(torch.autograd.Function):
    """Compute factor * x ** 3."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(x)
        ctx.factor = factor
        return factor * x**3

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return ctx.factor * 3 * x**2 * dy, None  # one for x, none for factor


x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
(dx,) = torch.autograd.grad(Cube.apply(x, 10).sum(), x)
print(dx)  # 30 x ** 2

# %% [markdown] nbgrader={"grade_id": "function_text"}
# ## Step 1: batch norm as a Function
#
# Write the class `BatchNormFunction`, applied as `BatchNormFunction.apply(x, weight, bias, eps)`. With the mean
# $\mu_c$ and the biased variance $v_c$ of each channel over the $N$ samples, and $r_c = (v_c +
# \varepsilon)^{-1/2}$,
#
# $$\hat{x}_{nc} = (x_{nc} - \mu_c) \, r_c, \qquad y_{nc} = \texttt{weight}_c \, \hat{x}_{nc} +
# \texttt{bias}_c,$$
#
# $$\texttt{dbias}_c = \sum_n \texttt{dy}_{nc}, \qquad \texttt{dweight}_c = \sum_n \texttt{dy}_{nc} \,
# \hat{x}_{nc}, \qquad \texttt{dx}_{nc} = \frac{\texttt{weight}_c \, r_c}{N} \left( N \, \texttt{dy}_{nc} -
# \texttt{dbias}_c - \hat{x}_{nc} \, \texttt{dweight}_c \right).$$
#
# **Arguments.**
#
# - `x` is a tensor of shape $(N, C)$ with $N \ge 1$, `weight` and `bias` are of shape $(C,)$; all three are
#   float64, or all three float32. Any values are possible, a `weight` of 0 and a channel that is constant
#   among them. `eps` is a number > 0. They lie on the CPU.
# - Any of the three tensors may require a gradient, and any may not. For one that does not, `backward` may
#   return its gradient or `None`, as you like; `ctx.needs_input_grad` says which do, in the order of the
#   arguments.
# - `x` and `dy` may lie in memory in any way: transposed, with gaps, or expanded, so that several entries are
#   the same place in memory. The gradient that a sum sends back is of this last kind.
#
# **Results.**
#
# - `y` has the shape and the dtype of `x`.
# - A batch of one sample gives `y` = `bias` and `dx` = 0.
# - `x`, `weight`, `bias` and `dy` have the same values after `forward` and `backward` as before.
# - Before gradients of `y` are asked for, the Function may have been applied to other tensors and with another
#   `eps`; and they may be asked for again, with `retain_graph=True`. They are the same each time.
#
# **What it keeps.**
#
# - Every tensor that `backward` needs goes through `save_for_backward`. No attribute of `ctx` holds a tensor or
#   an array, neither by itself nor inside something else, such as a list or a function. (A tensor with no
#   dimensions, made of `eps`, say, does not count.)
# - What is saved takes no more memory than `x` and 8 vectors of $C$ numbers, all in `x`'s dtype.
#
# **What it is made of.** The Function does all of it: `x`, `weight` and `bias` go into it, `y` comes out, and
# `apply` runs nothing else that autograd records. (A Function may have more outputs than `y`; then override
# `apply`, so that it returns `y` alone.) No operation inside it normalizes by itself, as
# `torch.nn.functional.batch_norm` or `layer_norm` do, and neither `forward` nor `backward` makes autograd
# differentiate anything. A check looks at the operations that run and names these: a deterrent, and no proof.
#
# The newer style, `forward(x, weight, bias, eps)` with `setup_context(ctx, inputs, output)`, is as good.
#
# A small case to check by eye: for
#
# $$x = \begin{pmatrix} 1 & 2 \\ 3 & 10 \\ 5 & 10 \\ 7 & 10 \end{pmatrix}, \quad
# \texttt{weight} = (3, -4), \quad \texttt{bias} = (1, 10), \quad \varepsilon = 4, \quad
# \texttt{dy} = \begin{pmatrix} -4 & -5 \\ 1 & 0 \\ 4 & 3 \\ 1 & -2 \end{pmatrix}$$
#
# $r$ is $(1/3, 1/4)$, the first column of `y` is $(-2, 0, 2, 4)$, `dbias` is $(2, -4)$, `dweight` is $(6, 8)$
# and
#
# $$\texttt{dx} = \begin{pmatrix} -3 & 1 \\ 1 & 0 \\ 3 & -3 \\ -1 & 2 \end{pmatrix}.$$


# %% nbgrader={"grade_id": "BatchNormFunction"}
class BatchNormFunction(torch.autograd.Function):
    """Normalize x (N, C) over the batch, scale and shift: apply(x, weight, bias, eps)."""

    @staticmethod
    def forward(ctx, x, weight, bias, eps):
        """Return y, and keep what backward needs.

        Args:
            ctx: carries things from here to backward.
            x: (N, C) tensor, float64 or float32, N >= 1.
            weight, bias: (C,) tensors of x's dtype.
            eps: added to the variance inside the root, a number > 0.

        Returns:
            y (N, C) of x's dtype.
        """
        ### BEGIN SOLUTION
        ctx.save_for_backward(x, weight)
        ctx.eps = eps
        centred = x - x.mean(dim=0)
        inv_std = torch.rsqrt(centred.square().mean(dim=0) + eps)
        return weight * (centred * inv_std) + bias
        ### END SOLUTION

    @staticmethod
    def backward(ctx, dy):
        """Return the gradients, one for each argument of forward.

        Args:
            ctx: what forward left.
            dy: (N, C) tensor, the gradient with respect to y.

        Returns:
            dx (N, C), dweight (C,), dbias (C,), None.
        """
        ### BEGIN SOLUTION
        x, weight = ctx.saved_tensors
        centred = x - x.mean(dim=0)  # again, from x: the second derivative must see it
        inv_std = torch.rsqrt(centred.square().mean(dim=0) + ctx.eps)
        x_hat = centred * inv_std
        dweight, dbias = (dy * x_hat).sum(dim=0), dy.sum(dim=0)
        n = len(x)
        dx = weight * inv_std / n * (n * dy - dbias - x_hat * dweight)
        return dx, dweight, dbias, None
        ### END SOLUTION


# %%
# Try your class here, as you like. Once it is written, this compares its gradients with differences:
#     inputs = [tensor.clone().requires_grad_() for tensor in (x, weight, bias)]
#     torch.autograd.gradcheck(lambda *tensors: BatchNormFunction.apply(*tensors, 4.0), inputs)
x = torch.tensor([[1.0, 2.0], [3.0, 10.0], [5.0, 10.0], [7.0, 10.0]], dtype=torch.float64)
weight = torch.tensor([3.0, -4.0], dtype=torch.float64)
bias = torch.tensor([1.0, 10.0], dtype=torch.float64)

# %% nbgrader={"grade_id": "forward"}
check("forward")

# %% nbgrader={"grade_id": "dtype"}
check("dtype")

# %% nbgrader={"grade_id": "batch_of_one"}
check("batch_of_one")

# %% nbgrader={"grade_id": "dweight_dbias"}
check("dweight_dbias")

# %% nbgrader={"grade_id": "dx"}
check("dx")

# %% nbgrader={"grade_id": "needs"}
check("needs")

# %% nbgrader={"grade_id": "strides"}
check("strides")

# %% nbgrader={"grade_id": "unchanged"}
check("unchanged")

# %% nbgrader={"grade_id": "twice"}
check("twice")

# %% nbgrader={"grade_id": "saved"}
check("saved")

# %% nbgrader={"grade_id": "budget"}
check("budget")

# %% nbgrader={"grade_id": "plain"}
check("plain")

# %% nbgrader={"grade_id": "whole"}
check("whole")

# %% [markdown] nbgrader={"grade_id": "second_text"}
# ## Step 2: the derivative of the derivative
#
# A gradient is a function of `x`, `weight` and `dy`, and can be differentiated itself. With
# `create_graph=True` autograd records what `backward` does, operation by operation, and differentiates *that*.
# What it knows of a tensor in `backward` is how it came about there. An input that was saved comes back as that
# input, so that autograd can follow it. A tensor that `forward` computed comes back as a number without a
# past: nobody watched `forward`.
#
# Here is the cube again, with $x^2$ computed in `forward` and saved.


# %% nbgrader={"grade_id": "cube_again"}
class CubeFromSquare(torch.autograd.Function):
    """Compute x ** 3, and save x ** 2."""

    @staticmethod
    def forward(ctx, x):
        square = x**2
        ctx.save_for_backward(square)
        return square * x

    @staticmethod
    def backward(ctx, dy):
        (square,) = ctx.saved_tensors
        return 3 * square * dy


def two_derivatives(function, x):
    """Return the first and the second derivative of each entry of function(x) by its own x."""
    dy = torch.ones_like(x, requires_grad=True)  # stands for what comes from further up
    (first,) = torch.autograd.grad(function(x), x, dy, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, allow_unused=True)
    return first.detach(), second


x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
print("saves x:     ", *two_derivatives(lambda x: Cube.apply(x, 1), x))
print("saves x ** 2:", *two_derivatives(CubeFromSquare.apply, x))

# %% [markdown] nbgrader={"grade_id": "second_question_text"}
# The first derivatives agree; of the second, 6 and 12, the other Function knows nothing, and nothing
# complains. `torch.autograd.gradcheck` is content with both Functions; `torch.autograd.gradgradcheck`, which
# compares second derivatives with differences, is not.
#
# Your `BatchNormFunction` must have right second derivatives: whatever a loss makes of `dx`, `dweight` and
# `dbias` can be differentiated with respect to `x`, `weight`, `bias` and `dy`, and the result is that of batch
# norm; `x`, `weight`, `bias` and `dy` keep their values on the way. Think over what your `backward` takes from
# `forward`, and change the class in step 1 where it must be. Any way is welcome that keeps within the rules of
# step 1. One is to write `backward` in operations that autograd can differentiate, starting from saved inputs;
# `x_hat` is then computed again, which takes a little time, and no memory. To declare that there is no second
# derivative, as `torch.autograd.function.once_differentiable` does, is not an answer here.
#
# The first three questions compare with differences of *your* first derivatives, so that a slip in those costs
# nothing here.

# %% nbgrader={"grade_id": "second_dy"}
check("second_dy")

# %% nbgrader={"grade_id": "second_weight"}
check("second_weight")

# %% nbgrader={"grade_id": "second_x"}
check("second_x")

# %% nbgrader={"grade_id": "second_whole"}
check("second_whole")

# %% [markdown] nbgrader={"grade_id": "penalty_text"}
# ## Step 3: a gradient in a loss
#
# Who needs second derivatives? Whoever puts a gradient into a loss. A *gradient penalty* asks of a model that
# its scores change little when its inputs do; training makes it smaller like any other loss, which takes the
# gradient of a gradient.
#
# Write `gradient_penalty(model, x)`. For scores $s_1, \dots, s_N$ of the samples $x_1, \dots, x_N$ it returns
#
# $$\frac{1}{N} \sum_{n=1}^N \Bigl\lVert \frac{\partial}{\partial x_n} \sum_{k=1}^N s_k \Bigr\rVert^2, \qquad
# \lVert g \rVert^2 = \sum_{c=1}^C g_c^2.$$
#
# - `model` is a function that takes a tensor of shape $(N, C)$ and returns the $N$ scores in a tensor of shape
#   $(N,)$. A score may depend on the whole batch, as it does in a model with batch norm. The function uses
#   parameters that require gradients. The questions use models of their own, and not your class.
# - `x` is a float64 tensor of shape $(N, C)$ that requires no gradient. It is the same afterwards as before: in
#   its values, in `x.requires_grad`, and in `x.grad`, which is `None`.
# - The parameters of the model are left alone, and so is their `.grad`.
# - What is returned is a tensor of one number that can be differentiated with respect to the parameters.
#
# A small case to check by eye: for the model $s = x_1^2 + 3 x_2$ and the two samples $(1, 5)$ and $(2, 7)$ the
# gradients are $(2, 3)$ and $(4, 3)$, and the penalty is $(13 + 25) / 2 = 19$.


# %% nbgrader={"grade_id": "gradient_penalty"}
def gradient_penalty(model, x):
    """Return the mean over the samples of the squared norm of the gradient of all scores.

    Args:
        model: function that takes x and returns (N,) scores.
        x: (N, C) float64 tensor that requires no gradient.

    Returns:
        A tensor of one number, that can be differentiated with respect to the model's parameters.
    """
    ### BEGIN SOLUTION
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return gradient.square().sum(dim=1).mean()
    ### END SOLUTION


# %%
# Try your function here, as you like.
x = torch.tensor([[1.0, 5.0], [2.0, 7.0]], dtype=torch.float64)

# %% nbgrader={"grade_id": "penalty_value"}
check("penalty_value")

# %% nbgrader={"grade_id": "penalty_gradient"}
check("penalty_gradient")

# %% nbgrader={"grade_id": "penalty_clean"}
check("penalty_clean")

# %% [markdown] nbgrader={"grade_id": "training_text"}
# ## Both together
#
# A model with your batch norm in it learns to tell two noisy groups apart: once by a loss alone, once with the
# penalty added. Each step of the second differentiates your `backward`. Nothing is asked here. See what becomes
# of the penalty; and then, if you like, what becomes of it when `backward` uses a saved mean and a saved
# `inv_std`. Training forgives a wrong gradient more often than not, and is no test of one.


# %% nbgrader={"grade_id": "training"}
def trained(strength, steps=60):
    """Train a small model; return its loss and its penalty."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(48, dtype=torch.float64) % 2 * 2 - 1
    x = torch.randn(48, 2, generator=generator, dtype=torch.float64) + labels[:, None]
    inner = torch.randn(2, 8, generator=generator, dtype=torch.float64).requires_grad_()
    outer = torch.randn(8, generator=generator, dtype=torch.float64).requires_grad_()
    weight = torch.ones(8, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(8, dtype=torch.float64, requires_grad=True)

    def model(x):
        return torch.tanh(BatchNormFunction.apply(x @ inner, weight, bias, 1e-5)) @ outer

    optimizer = torch.optim.SGD([inner, outer, weight, bias], lr=0.1)
    for _ in range(steps):
        loss = torch.nn.functional.softplus(-labels * model(x)).mean()
        penalty = gradient_penalty(model, x)
        optimizer.zero_grad()
        (loss + strength * penalty).backward()
        optimizer.step()
    return loss.item(), penalty.item()


print("loss alone:          loss {:.3f}, penalty {:.3f}".format(*trained(0.0)))
print("loss and penalty:    loss {:.3f}, penalty {:.3f}".format(*trained(0.1)))

# %% [markdown]
# **Where next**: exercise 10 takes batch norm to a GPU, where what a Function saves, and how often it goes
# through memory, decides how fast it is.
