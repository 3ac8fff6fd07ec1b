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
# # Exercise 10: batch norm on a GPU, and on several
#
# You will write batch norm for images in PyTorch so that a GPU runs it well: in half precision, in any
# memory layout, without making the host wait, with few passes over memory; and so that several devices
# that hold a part of the batch each get what one device with the whole batch would.
#
# **After this exercise you can** say which parts of batch norm need float32, and keep them there; write
# code that runs on any device and never waits for it; count the bytes that a chain of operations moves,
# and save most of them; merge statistics and gradients over replicas of unequal size.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 13, Devices and precision (`book/13_devices.md`, or the page of that name on the website).
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state. **No GPU is needed.** Where there is one, the last cells run your functions
# on it.

# %% nbgrader={"grade_id": "setup"}
import torch

try:
    from check_ex10_gpu import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex10_gpu.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "rules_text"}
# ## What holds for all four functions
#
# **Tensors.** Images `x` have shape `(N, C, H, W)` and one of the dtypes float64, float32, bfloat16,
# float16. *The wide dtype* is float64 where `x` is float64, and float32 otherwise; tensors of shape `(C,)`
# are of the wide dtype. A gradient of images has the shape and the dtype of `x`. All tensors that a function
# gets lie on one device, and so do those that it returns. The functions change none of the tensors that
# they get, but for the running statistics.
#
# **Half precision.** bfloat16 has 8 significant bits, float16 has 11. Statistics and sums are computed in
# the wide dtype from a converted `x` (and `dy`), and so is everything else up to the last step, the
# rounding of the result to `x`'s dtype. Two warnings: a tensor *without dimensions* never widens a result, so
# a bfloat16 tensor times a float32 tensor of shape `()` is bfloat16; and one integer tensor divided by another, or
# 1 divided by one, is float32, even where the wide dtype is float64.
#
# **Layouts.** `x` may have any strides: `contiguous`, `channels_last` (in memory the channel is the last
# axis), a slice or a transpose of another tensor. Where `x` is contiguous, results of its shape are; where
# it is channels_last, they are; for other strides they may have any. The numbers are the same in all.
#
# **Habits.** Python (the host) sends operations to a GPU and does not wait for them, unless it asks for a
# result: then host and device stand still in turn. Hence:
#
# - No tensor of one dimension or more is made on the CPU for an `x` that is elsewhere, or copied from one
#   device to another.
# - The host waits for nothing: no `.item()`, `float(t)`, `.tolist()`, `.cpu()`, `.numpy()`, no tensor in an
#   `if`, no `torch.allclose`, no selection by a mask as an index (`t[mask]`) or by `nonzero`, whose size only
#   the device knows, and no tensor without dimensions as an index. (`torch.where` is fine, and so is
#   `t[mask] = 0`.)
# - No loop over channels: 64 channels take as many operations as 16.
# - Where `x` is channels_last, no tensor of its size is copied as a whole to the same dtype, be it by
#   `clone`, `contiguous`, `copy_`, a `reshape` that has to copy, or an `einsum` of two images, which copies
#   both to make a matrix product of them.
#
# **Passes.** For each operation, add up the bytes of the tensors that it reads and of those that it
# writes, and divide by the bytes of `x`: these are its *passes*. `x - mean[:, None, None]` has two (one
# read, one written; a vector hardly counts), `torch.var_mean(x, ...)` has one, `a * b` of two images three,
# `torch.addcmul(u, a, v)` with vectors `u` and `v`, that is $u + a v$, two. Views cost nothing, and neither does
# memory that is only set aside (`torch.empty_like`). Each function of images below has a limit, for
# a float32 `x` (and `dy`) that is contiguous or channels_last, and much larger than a vector; passes are
# rounded to a whole number, and copies of a channels_last tensor are asked about apart.
#
# **How it is asked.** Habits and passes are asked about on torch's `meta` device, whose tensors have a
# shape, a dtype and strides but no numbers: whatever would make a GPU's host wait fails there. So do not
# ask which device it is. Write for torch as it runs operation by operation, and leave `torch.compile` out:
# passes are counted as you wrote them. `torch.autocast(x.device.type, enabled=False)` may be used.
#
# Torch's own normalizations (`F.batch_norm`, `torch.native_batch_norm`, `F.layer_norm`, layers such as
# `nn.BatchNorm2d`, and their backward operators) must not run: they cost every question of `batchnorm_train`,
# and a question of the backward pass. That is found by looking at which operations run: a deterrent, not a
# proof.

# %% [markdown] nbgrader={"grade_id": "batchnorm_train_text"}
# ## 1. The forward pass in training
#
# Write `batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5)`, which returns
# `y, saved`. With the mean $\mu_c$ and the biased variance $v_c$ of each channel over the $M = N H W$ samples,
#
# $$y = w_c \, \frac{x - \mu_c}{\sqrt{v_c + \varepsilon}} + b_c .$$
#
# - `x` has at least two samples per channel. `weight`, `bias`, `running_mean`, `running_var` have shape `(C,)`;
#   `momentum` and `eps` are Python numbers, `0 <= momentum <= 1`, `eps > 0`.
# - `y` has `x`'s shape, dtype and layout.
# - `saved` is what the backward pass will need, the tuple `(x, mean, inv_std)`: `x` itself, which means the
#   same memory, shape, dtype and strides (the tensor, or `x.detach()`); `mean` and `inv_std`,
#   $1 / \sqrt{v_c + \varepsilon}$, both `(C,)`. Not $\hat{x}$: `x` is kept alive by the layer before anyway, and
#   $\hat{x}$ would be as much memory again. The other two keep alive at most 64 bytes per channel; mind
#   that a part of a large tensor keeps all of it alive.
# - `running_mean` and `running_var` are updated in place: `(1 - momentum) * old + momentum * new`, the new
#   variance being the unbiased one, $v_c M / (M - 1)$.
# - When gradients are recorded and `x`, `weight` and `bias` require them, the running statistics still do
#   not: `requires_grad` stays False. What `y` and `saved` are then is up to you. (An operation with `out=`
#   refuses tensors that require gradients, unless it runs under `torch.no_grad()`.)
# - Half precision, or a mean that is 1,000 times the standard deviation in float32, costs `mean`,
#   `inv_std` and the running statistics no more than 1 part in 10,000 of their largest value. (So not
#   $E[x^2] - \mu^2$.)
# - Inside `torch.autocast(device, dtype=torch.bfloat16)` a float32 `x` gives what it gives outside. Autocast
#   runs matrix products in half precision, `einsum` of two tensors included.
# - At most **8 passes**. Three would do: one to reduce, two to normalize.
#
# A small case: for `x` of shape (2, 2, 1, 2) with the samples 1, 3, 5, 7 in the first channel and 9, 3, 9,
# 3 in the second, `eps` = 4, `weight` = (1, -2), `bias` = (0, 10), the means are 4 and 6, the variances 5 and 9,
# `y` is (-3, -1, 1, 3) / 3 in the first channel and $10 \mp 6 / \sqrt{13}$ in the second. With
# `momentum` = 0.5, a `running_mean` of 0 becomes (2, 3), and a `running_var` of 1 becomes
# (1 + 20/3) / 2 and (1 + 12) / 2.


# %% nbgrader={"grade_id": "batchnorm_train"}
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Normalize, scale and shift each channel; update the running statistics in place.

    Args:
        x: (N, C, H, W) tensor of a floating dtype, in any layout, N * H * W >= 2.
        weight, bias: (C,) tensors of the wide dtype.
        running_mean, running_var: likewise; these are changed.
        momentum: the weight of the batch in them, a number.
        eps: added to the variance inside the root, a number > 0.

    Returns:
        y of x's shape, dtype and layout, and saved: (x, mean, inv_std).
    """
    ### BEGIN SOLUTION
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    inv_std = torch.rsqrt(var + eps)
    count = x.numel() / x.shape[1]
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * (count / (count - 1)), momentum)
    scale = weight * inv_std
    # Half precision minus float32 is float32.
    y = torch.addcmul(bias[:, None, None], x - mean[:, None, None], scale[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)
    ### END SOLUTION


# %%
# Try your function here, as you like.
x = torch.tensor([[[[1.0, 3.0]], [[9.0, 3.0]]], [[[5.0, 7.0]], [[9.0, 3.0]]]])
weight, bias = torch.tensor([1.0, -2.0]), torch.tensor([0.0, 10.0])

# %% nbgrader={"grade_id": "forward"}
check("forward")

# %% nbgrader={"grade_id": "saved"}
check("saved")

# %% nbgrader={"grade_id": "running"}
check("running")

# %% nbgrader={"grade_id": "history"}
check("history")

# %% nbgrader={"grade_id": "wide_statistics"}
check("wide_statistics")

# %% nbgrader={"grade_id": "half_output"}
check("half_output")

# %% nbgrader={"grade_id": "autocast"}
check("autocast")

# %% nbgrader={"grade_id": "layout"}
check("layout")

# %% nbgrader={"grade_id": "device"}
check("device")

# %% nbgrader={"grade_id": "host_sync"}
check("host_sync")

# %% nbgrader={"grade_id": "channel_loop"}
check("channel_loop")

# %% nbgrader={"grade_id": "passes"}
check("passes")

# %% nbgrader={"grade_id": "dense_copy"}
check("dense_copy")

# %% [markdown] nbgrader={"grade_id": "backward_sums_text"}
# ## 2. The backward pass, in two halves
#
# With the upstream gradient `dy` and $\hat{x} = (x - \mu_c) \cdot$ `inv_std`, the gradients are
#
# $$db_c = \sum dy, \qquad dw_c = \sum dy \, \hat{x}, \qquad
# dx = w_c \cdot \texttt{inv\_std} \cdot \Bigl( dy - \frac{db_c}{M} - \hat{x} \, \frac{dw_c}{M} \Bigr) .$$
#
# The sums need all samples before a first element of `dx` is known. Where the batch is split over several
# devices ("replicas"), these sums are all that they must exchange. So the pass has two halves, and torch's
# own has the same.
#
# Write `backward_sums(dy, saved)`, which returns `sum_dy, sum_dy_x_hat`, both `(C,)` and of the wide dtype: the
# sums over each channel of `dy` and of `dy * x_hat`. `saved` is `(x, mean, inv_std)` as above, and `x` and `dy`
# are those of one replica, but `mean` and `inv_std` those of all of them together: use them as they are.
# `dy` may have another layout than `x`. At most **8 passes**.
#
# A small case: for `x` with the samples 1, 3, 5, 7 in its one channel, `mean` = 4, `inv_std` = 0.5 and `dy` = 1, 0,
# 0, 2, the sums are 3 and -1.5 + 3 = 1.5.


# %% nbgrader={"grade_id": "backward_sums"}
def backward_sums(dy, saved):
    """Sum up what one replica adds to the gradients of bias and weight.

    Args:
        dy: the upstream gradient, of x's shape and dtype, in any layout.
        saved: x (N, C, H, W), and mean (C,) and inv_std (C,) of all replicas together.

    Returns:
        The sums of dy and of dy * x_hat over each channel, (C,) each, of the wide dtype.
    """
    ### BEGIN SOLUTION
    x, mean, inv_std = saved
    product = (x - mean[:, None, None]) * dy
    return dy.sum((0, 2, 3), dtype=mean.dtype), product.sum((0, 2, 3)) * inv_std
    ### END SOLUTION


# %% [markdown] nbgrader={"grade_id": "backward_input_text"}
# Write `backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count)`, which returns `dx`.
#
# - `dy` and `saved` are as before. `sum_dy` and `sum_dy_x_hat` are the sums over all replicas: use them as they
#   are.
# - `count` is $M$, the number of samples per channel of all replicas together: an int64 tensor without
#   dimensions, on `x`'s device, at least 2. It differs from this replica's number of samples.
# - `dx` has `x`'s shape, dtype and layout, whatever the layout of `dy`. (Arithmetic on tensors of different
#   layouts gives that of its first operand.)
# - At most **11 passes**. Five would do.
#
# A small case: for the tensors of the case before, `weight` = 4, `sum_dy` = 2, `sum_dy_x_hat` = 8 and `count` = 8, `dx` is
# `4 * 0.5 * (dy - 0.25 - x_hat)`, that is 4.5, 0.5, -1.5, 0.5.


# %% nbgrader={"grade_id": "backward_input"}
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Return the gradient with respect to one replica's x.

    Args:
        dy, saved: as for `backward_sums`.
        weight: (C,) tensor of the wide dtype.
        sum_dy, sum_dy_x_hat: (C,), the sums over all replicas.
        count: samples per channel of all replicas together, an int64 tensor without dimensions.

    Returns:
        dx of x's shape, dtype and layout.
    """
    ### BEGIN SOLUTION
    x, mean, inv_std = saved
    scale = weight * inv_std
    slope = -scale * inv_std * sum_dy_x_hat / count
    shift = -scale * sum_dy / count
    along = torch.addcmul(shift[:, None, None], x - mean[:, None, None], slope[:, None, None])
    return torch.addcmul(along, dy, scale[:, None, None]).to(x.dtype)
    ### END SOLUTION


# %%
# Try your functions here, as you like.
x = torch.tensor([1.0, 3.0, 5.0, 7.0]).reshape(1, 1, 2, 2)
dy = torch.tensor([1.0, 0.0, 0.0, 2.0]).reshape(1, 1, 2, 2)
saved = x, torch.tensor([4.0]), torch.tensor([0.5])

# %% nbgrader={"grade_id": "sums"}
check("sums")

# %% nbgrader={"grade_id": "dx"}
check("dx")

# %% nbgrader={"grade_id": "backward_half"}
check("backward_half")

# %% nbgrader={"grade_id": "backward_layout"}
check("backward_layout")

# %% nbgrader={"grade_id": "backward_habits"}
check("backward_habits")

# %% nbgrader={"grade_id": "backward_passes"}
check("backward_passes")

# %% [markdown] nbgrader={"grade_id": "merge_statistics_text"}
# ## 3. Replicas of unequal size
#
# Each of $R$ replicas has worked out the mean and the biased variance of its own part of the batch. Write
# `merge_statistics(counts, means, variances)`, which returns `count, mean, var`, those of all samples together:
#
# - `counts` is an int64 tensor of shape `(R,)`: samples per channel of each replica. `means` and `variances`
#   are float32 tensors of shape `(R, C)`, the variances biased. All are on one device.
# - `R` may be 1. A replica may be empty: its count is 0, and its row of `means` and `variances` holds anything,
#   NaN included, and counts for nothing. Not all are empty.
# - `count` is the sum of `counts`, an int64 tensor without dimensions; `mean` and `var` are float32 of shape `(C,)`,
#   `var` biased.
# - Counts may be as large as 5,000,000,000, so that the product of two is beyond int64. Means of 1,000 with
#   variances of 1 lose no more than 1 part in 10,000. (So not mean squares minus squared means.)
# - The habits above hold here too. A loop over the replicas is allowed, a loop over channels is not.
#
# Torch's own `SyncBatchNorm` leaves empty replicas out by a mask as an index, and its source says at that
# place that this makes the host wait.
#
# A small case: replicas of 1 and 3 samples with the means 8 and 4 and the variances 0 and 2 have together 4
# samples, the mean 5 and the variance 4.5.


# %% nbgrader={"grade_id": "merge_statistics"}
def merge_statistics(counts, means, variances):
    """Return the statistics of several replicas together, from those of each.

    Args:
        counts: (R,) int64 tensor, samples per channel of each replica, >= 0, not all 0.
        means: (R, C) float32 tensor; of an empty replica whatever it may be, NaN included.
        variances: (R, C) float32 tensor, biased; likewise.

    Returns:
        count, an int64 tensor without dimensions, mean (C,) and var (C,), biased, both float32.
    """
    ### BEGIN SOLUTION
    share = (counts / counts.sum())[:, None]
    # An empty replica's NaN would outlast a weight of 0.
    mean = torch.where(share > 0, share * means, 0).sum(0)
    spread = share * (variances + (means - mean) ** 2)
    return counts.sum(), mean, torch.where(share > 0, spread, 0).sum(0)
    ### END SOLUTION


# %%
# Try your function here, as you like.
counts = torch.tensor([1, 3])
means, variances = torch.tensor([[8.0], [4.0]]), torch.tensor([[0.0], [2.0]])

# %% nbgrader={"grade_id": "merge"}
check("merge")

# %% nbgrader={"grade_id": "merge_empty"}
check("merge_empty")

# %% nbgrader={"grade_id": "merge_large"}
check("merge_large")

# %% nbgrader={"grade_id": "merge_habits"}
check("merge_habits")

# %% [markdown] nbgrader={"grade_id": "replicas_text"}
# The last question puts three of your functions together, in float32: a batch is split over replicas of
# unequal size, none of them empty; their statistics are merged; each replica's `backward_sums` are added up
# and handed to each replica's `backward_input`. Statistics and gradients must be those of the whole batch.

# %% nbgrader={"grade_id": "replicas"}
check("replicas")

# %% [markdown] nbgrader={"grade_id": "device_text"}
# ## On a device
#
# What follows is not marked. It makes one differentiable function of your three, and, where there is a GPU,
# runs it there: right? how fast? Without a GPU the cells say so and do nothing.


# %% nbgrader={"grade_id": "glue"}
class BatchNormTrain(torch.autograd.Function):
    """Batch norm in training from `batchnorm_train`, `backward_sums` and `backward_input`."""

    @staticmethod
    def forward(ctx, x, weight, bias, running_mean, running_var, momentum, eps):
        y, saved = batchnorm_train(x, weight, bias, running_mean, running_var, momentum, eps)
        ctx.save_for_backward(*saved, weight)
        return y

    @staticmethod
    def backward(ctx, dy):
        *saved, weight = ctx.saved_tensors
        count = torch.full((), dy.numel() // dy.shape[1], dtype=torch.int64, device=dy.device)
        sum_dy, sum_dy_x_hat = backward_sums(dy, saved)
        dx = backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count)
        return dx, sum_dy_x_hat, sum_dy, None, None, None, None


def yours(x, weight, bias, running_mean, running_var):
    """Your batch norm, with the usual momentum and eps."""
    return BatchNormTrain.apply(x, weight, bias, running_mean, running_var, 0.1, 1e-5)


def torchs(x, weight, bias, running_mean, running_var):
    """Torch's own, with the same."""
    return torch.nn.functional.batch_norm(x, running_mean, running_var, weight, bias, training=True)


# %% nbgrader={"grade_id": "step"}
def step(batch_norm, x, dy):
    """Run one forward and one backward pass; return y and the gradients of x, weight and bias."""
    wide = torch.promote_types(x.dtype, torch.float32)
    like = {"dtype": wide, "device": x.device}
    weight = torch.linspace(0.5, 2, x.shape[1], **like).requires_grad_()
    bias = torch.linspace(-1, 1, x.shape[1], **like).requires_grad_()
    running = torch.zeros(x.shape[1], **like), torch.ones(x.shape[1], **like)
    x = x.detach().requires_grad_()
    y = batch_norm(x, weight, bias, *running)
    return y.detach(), *torch.autograd.grad(y, (x, weight, bias), dy)


def milliseconds(call, repeats=20):
    """Return the median time that the device takes for `call`, by its own clock."""
    times = []
    for _ in range(repeats):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        call()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end))
    return sorted(times)[repeats // 2]


def distances(batch_norm, x, dy):
    """Return how far y, dx, dweight and dbias are from torch's in float64, by their largest values."""
    exact = step(torchs, x.double(), dy.double())
    pairs = zip(step(batch_norm, x, dy), exact, strict=True)
    return [float((a - b).abs().max() / b.abs().max()) for a, b in pairs]


# %% nbgrader={"grade_id": "on_a_gpu"}
if torch.cuda.is_available():
    for dtype in (torch.float32, torch.bfloat16):
        for layout in (torch.contiguous_format, torch.channels_last):
            x = torch.randn(32, 64, 112, 112, device="cuda").to(dtype, memory_format=layout)
            dy = torch.randn_like(x)
            print(f"x of shape {tuple(x.shape)}, {dtype}, {layout}")
            for name, batch_norm in (("yours", yours), ("torch's", torchs)):
                off = ", ".join(f"{d:.1e}" for d in distances(batch_norm, x, dy))
                time = milliseconds(lambda f=batch_norm, x=x, dy=dy: step(f, x, dy))
                print(f"  {name:8} y, dx, dweight, dbias off by {off}; a step takes {time:.2f} ms")
else:
    print("No GPU here: this cell is skipped.")

# %% [markdown]
# With a GPU: is your step slower where it moves more bytes? The limits add up to 27 passes, the functions of
# torch's own need about 8. `torch.compile(batchnorm_train)` fuses what you wrote; exercise 11 writes the
# fused kernels by hand.
#
# **Where next**: chapter 13 measures what these habits are worth, and exercise 11, which is optional, writes
# the kernels in Triton.
