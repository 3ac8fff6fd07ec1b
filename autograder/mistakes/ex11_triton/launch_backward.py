"""Wrong launches of the backward kernel of ex11_triton."""

import torch
import triton

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "backward_launch_grid_cut_off",
    fails="backward_launch",
    hint="The grid stops at 128 programs, so channels beyond get none. There is one program "
    "for each channel: (C,).",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Launches at most 128 programs."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(min(C, 128),)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_grid_of_samples",
    fails="backward_launch",
    hint="There is one program for each sample. The kernel works on a channel: the grid is (C,).",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Launches one program for each sample."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(N,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_block_is_no_power_of_two",
    fails="backward_launch",
    hint="BLOCK is N * L itself, up to a limit. tl.arange wants a power of two: "
    "triton.next_power_of_2.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Uses M itself as BLOCK."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(N * L, 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_block_without_limit",
    fails="backward_launch",
    hint="BLOCK is as large as a channel, however large that is. No multiprocessor holds it: "
    "stop at 8192, the kernel has its loops.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Makes BLOCK as large as the channel."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = triton.next_power_of_2(N * L)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_length_of_last_axis",
    fails="backward_launch",
    hint="L is the length of the last axis. It is the product of all axes after C: rows times "
    "columns for an image, and 1 where there is none.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Takes the last axis for all positions."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.shape[-1]
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_mean_and_inv_std_swapped",
    fails="backward_launch",
    hint="mean and inv_std are exchanged in the launch. Look at the order of the kernel's "
    "arguments.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Hands over mean and inv_std each in the place of the other."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, inv_std, mean, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_dy_and_x_swapped",
    fails="backward_layout",
    hint="dy and x are exchanged in the launch. Look at the order of the kernel's arguments.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Hands over dy and x each in the place of the other."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, dy, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_strides_of_dy_ignored",
    fails="backward_layout",
    hint="x is made contiguous and dy is not. What comes from the layers above has a layout of "
    "its own: an expanded number, where the loss is a sum. Call dy.contiguous() too.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Makes x contiguous and leaves dy as it lies in memory."""
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_strides_of_x_ignored",
    fails="backward_layout",
    hint="dy is made contiguous and x is not. Call x.contiguous() too.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Makes dy contiguous and leaves x as it lies in memory."""
    dy = dy.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(dy)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_dx_like_the_callers_x",
    fails="backward_layout",
    hint="x is made contiguous, and dx is made in the layout of the caller's x, so a "
    "channels_last x gets gradients in the wrong places. torch.empty_like keeps a layout: "
    "take it of the contiguous x.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Makes dx like the x of the caller, in its layout."""
    dx = torch.empty_like(x)
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_gradients_in_half",
    fails="backward_returned",
    hint="dgamma and dbeta have the dtype of x. They are float32 whatever x is.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Makes dgamma and dbeta of the dtype of x."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=x.dtype, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_dx_in_float32",
    fails="backward_returned",
    hint="dx is float32 whatever x is. It has the dtype of x.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Makes dx float32 whatever x is."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x, dtype=torch.float32)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_gradients_on_cpu",
    fails="backward_returned",
    hint="dgamma and dbeta are made on the CPU, wherever x is. Give torch.empty the device of x.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Makes dgamma and dbeta on the CPU."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta


@mistake(
    "backward_launch_dgamma_and_dbeta_swapped",
    fails="backward_returned",
    hint="dbeta is returned before dgamma. The order is dx, dgamma, dbeta.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Returns dbeta before dgamma."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dbeta, dgamma


@mistake(
    "backward_launch_dx_into_dy",
    fails="backward_layout",
    hint="dx shares its memory with dy, which is the caller's. Make a tensor of its own.",
)
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Lets the kernel write dx over dy."""
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = dy
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta
