"""Wrong launches of the forward kernel of ex11_triton."""

import torch
import triton

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "launch_grid_cut_off",
    fails="launch",
    hint="The grid stops at 128 programs, so channels beyond get none. There is one program "
    "for each channel: (C,).",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Launches at most 128 programs."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(min(C, 128),)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_grid_of_samples",
    fails="launch",
    hint="There is one program for each sample. The kernel works on a channel: the grid is (C,).",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Launches one program for each sample."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(N,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_grid_of_samples_and_channels",
    fails="launch",
    hint="There is a program for each sample of each channel, as instance norm would have it. "
    "A program works on a whole channel: the grid is (C,).",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Launches one program for each sample and channel."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(N * C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_grid_of_blocks",
    fails="launch",
    hint="The grid counts blocks of x, as for a kernel that works value by value. A program "
    "works on a whole channel: the grid is (C,).",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Launches as many programs as x has blocks."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(triton.cdiv(x.numel(), BLOCK),)](
        x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK
    )
    return y, mean, inv_std


@mistake(
    "launch_block_is_no_power_of_two",
    fails="launch",
    hint="BLOCK is N * L itself, up to a limit. tl.arange wants a power of two: "
    "triton.next_power_of_2.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Uses M itself as BLOCK."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(N * L, 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_block_without_limit",
    fails="launch",
    hint="BLOCK is as large as a channel, however large that is. No multiprocessor holds it: "
    "stop at 8192, the kernel has its loops.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Makes BLOCK as large as the channel."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = triton.next_power_of_2(N * L)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_samples_and_channels_swapped",
    fails="launch",
    hint="N and C are exchanged in the launch. x has the shape (N, C, L).",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Hands over N and C each in the place of the other."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, C, N, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_length_of_last_axis",
    fails="launch",
    hint="L is the length of the last axis. It is the product of all axes after C: rows times "
    "columns for an image, and 1 where there is none.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Takes the last axis for all positions."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.shape[-1]
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_length_of_third_axis",
    fails="launch",
    hint="L is the length of the third axis. An image has rows and columns: L is the product "
    "of all axes after C.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Takes the third axis for all positions."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.shape[2] if x.dim() > 2 else 1
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_length_is_all",
    fails="launch",
    hint="L is the number of values of a channel over all samples. It is that in one sample: "
    "the product of all axes after C.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Takes all values of a channel for positions."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // C
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_eps_not_passed_on",
    fails="launch",
    hint="The kernel always gets 1e-5 for eps. Pass on what the caller gave.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Always passes 1e-5."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, 1e-5, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_gamma_and_beta_swapped",
    fails="launch",
    hint="gamma and beta are exchanged in the launch. Look at the order of the kernel's arguments.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Hands over gamma and beta each in the place of the other."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, beta, gamma, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_launched_twice",
    fails="launch",
    hint="The kernel is launched twice. One launch does all the work.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Launches the kernel twice."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_strides_ignored",
    fails="layout",
    hint="A kernel knows nothing of strides: the order of x in memory is taken for (N, C, L) "
    "whatever it is. Call x.contiguous() first.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Hands over x as it lies in memory."""
    y = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_y_like_the_callers_x",
    fails="layout",
    hint="x is made contiguous, and y is made in the layout of the caller's x, so a "
    "channels_last x gets values in the wrong places. torch.empty_like keeps a layout: "
    "take it of the contiguous x.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Makes y like the x of the caller, in its layout."""
    y = torch.empty_like(x)
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_statistics_in_half",
    fails="returned",
    hint="mean and inv_std have the dtype of x. They are float32 whatever x is.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Makes mean and inv_std of the dtype of x."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=x.dtype, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_y_in_float32",
    fails="returned",
    hint="y is float32 whatever x is. It has the dtype of x.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Makes y float32 whatever x is."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x, dtype=torch.float32)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_statistics_on_cpu",
    fails="returned",
    hint="mean and inv_std are made on the CPU, wherever x is. Give torch.empty the device of x.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Makes mean and inv_std on the CPU."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_x_to_cpu",
    fails="returned",
    hint="x is copied to the CPU. The kernel runs where x is: leave it there.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Takes x to the CPU."""
    x = x.cpu().contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_y_is_flat",
    fails="layout returned",
    hint="y has lost the shape of x: it is returned as it was flattened for the kernel.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Returns y without its shape."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x).view(-1)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std


@mistake(
    "launch_statistics_with_axes",
    fails="returned",
    hint="mean and inv_std are returned with axes of length 1, ready to be broadcast. They "
    "have the shape (C,).",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Returns mean and inv_std with axes of length 1."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean[None, :, None], inv_std[None, :, None]


@mistake(
    "launch_mean_and_inv_std_swapped",
    fails="returned",
    hint="inv_std is returned before mean. The order is y, mean, inv_std.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Returns inv_std before mean."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, inv_std, mean


@mistake(
    "launch_returns_variance",
    fails="returned",
    hint="What the kernel writes as inv_std is turned into a variance. The backward pass wants "
    "inv_std as it is.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Returns a variance in place of inv_std."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std**-2 - eps


@mistake(
    "launch_eps_default_1e_3",
    fails="launch",
    hint="Where eps is left out, 1e-3 is used, which is Keras's default. Here it is 1e-5.",
)
def launch_forward(kernel, x, gamma, beta, eps=1e-3):
    """Has 1e-3 as default of eps."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std
