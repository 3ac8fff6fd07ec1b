"""Batch normalization as torch modules, from plain operations, and putting them into a network."""

import torch


class _BatchNorm(torch.nn.Module):
    """What BatchNorm1d and BatchNorm2d share; `dimensions` says which inputs each takes."""

    dimensions = ()

    def __init__(self, num_features, eps, momentum, affine, track_running_stats):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        ones, zeros = torch.ones(num_features), torch.zeros(num_features)
        self.weight = torch.nn.Parameter(ones.clone()) if affine else None
        self.bias = torch.nn.Parameter(zeros.clone()) if affine else None
        tracked = track_running_stats
        self.register_buffer("running_mean", zeros if tracked else None)
        self.register_buffer("running_var", ones if tracked else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if tracked else None)

    def normalize(self, x):
        """Return y, and in training move the running statistics; see `BatchNorm2d.forward`."""
        if x.dim() not in self.dimensions:
            raise ValueError(f"expected {self.dimensions} dimensions, got shape {tuple(x.shape)}")
        if self.training or self.running_mean is None:
            mean, var = self._batch_statistics(x)
        else:
            mean, var = self.running_mean, self.running_var  # constants: no gradient through them
        shape = [1, -1] + [1] * (x.dim() - 2)
        x_hat = (x - mean.view(shape)) * torch.rsqrt(var + self.eps).view(shape)
        if self.weight is None:
            return x_hat
        return x_hat * self.weight.view(shape) + self.bias.view(shape)

    def _batch_statistics(self, x):
        axes = [axis for axis in range(x.dim()) if axis != 1]
        m = x.numel() // x.shape[1]
        if m == 1:
            raise ValueError(f"one value for each channel, got shape {tuple(x.shape)}")
        mean = x.mean(axes, keepdim=True)
        var = (x - mean).square().mean(axes)  # biased: it normalizes
        mean = mean.flatten()
        if self.running_mean is not None:
            self._track(mean.detach(), var.detach() * m / (m - 1))  # unbiased: it is kept
        return mean, var

    def _track(self, mean, var):
        self.num_batches_tracked += 1
        new = self.momentum  # weights the new value, as in torch; Keras weights the old one
        if new is None:
            new = 1 / float(self.num_batches_tracked)
        self.running_mean = (1 - new) * self.running_mean + new * mean
        self.running_var = (1 - new) * self.running_var + new * var


class BatchNorm1d(_BatchNorm):
    """Normalize (N, C) or (N, C, L) over all axes but the channels'.

    Args:
        num_features: C, an int >= 1.
        eps: added to a variance inside the root, a float > 0.
        momentum: weight of a new batch in the running statistics, a float from 0 to 1; None
            weights all batches alike.
        affine: whether there are a weight and a bias, Parameters of shape (C,).
        track_running_stats: whether there are running statistics, buffers of shape (C,), and a
            counter of batches; without them every batch is normalized by its own.

    Source: Ioffe and Szegedy 2015, section 3; conventions of torch.nn.BatchNorm1d.
    """

    dimensions = (2, 3)

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, x):
        """Normalize, scale and shift; in training also move the running statistics.

        Args:
            x: (N, C) or (N, C, L) tensor of the module's dtype.

        Returns:
            y, of x's shape and dtype.

        Raises:
            ValueError: another number of dimensions, or batch statistics of one value per channel;
                nothing has changed.
        """
        return self.normalize(x)


class BatchNorm2d(_BatchNorm):
    """Normalize (N, C, H, W) over all axes but the channels'; see `BatchNorm1d` for the arguments.

    Source: Ioffe and Szegedy 2015, section 3.2; conventions of torch.nn.BatchNorm2d.
    """

    dimensions = (4,)

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, x):
        """Normalize, scale and shift; in training also move the running statistics.

        Args:
            x: (N, C, H, W) tensor of the module's dtype.

        Returns:
            y, of x's shape and dtype.

        Raises:
            ValueError: another number of dimensions, or batch statistics of one value per channel;
                nothing has changed.
        """
        return self.normalize(x)


def replace_batchnorms(network, classes):
    """Put other batch norms into a network, in the places of those it has.

    Args:
        network: a torch.nn.Module, itself no batch norm; it is changed.
        classes: dict of the class to be replaced to the one that takes its place, whose arguments
            are those of torch's.

    Returns:
        How many modules were replaced, an int; one that stands in several places counts once.

    Source: torch.nn.SyncBatchNorm.convert_sync_batchnorm does the like with another class.
    """
    made = {}
    # Each place, where named_children() and modules() would name a module once.
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            made[old] = _instead(old, classes[type(old)])
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


def _instead(old, make):
    new = make(old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats)
    # The very tensors: an optimizer made before goes on training them, in their own dtype.
    for part in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
        setattr(new, part, getattr(old, part))
    return new.train(old.training)
