"""Ways to replace batch norms that leave something of them behind."""

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


# --- what comes over: the options -----------------------------------------------------------------


@mistake(
    "eps_left",
    fails="replace_outputs finale",
    hint="The new modules have the default eps. It comes over from the old ones.",
)
def replace_batchnorms(network, classes):
    """Does not carry eps over."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, 1e-5, old.momentum, old.affine, old.track_running_stats
            )
            new.weight, new.bias = old.weight, old.bias
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.num_batches_tracked = old.num_batches_tracked
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "momentum_left",
    fails="replace_outputs finale",
    hint="The new modules have the default momentum. It comes over from the old ones.",
)
def replace_batchnorms(network, classes):
    """Does not carry momentum over."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, 0.1, old.affine, old.track_running_stats
            )
            new.weight, new.bias = old.weight, old.bias
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.num_batches_tracked = old.num_batches_tracked
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "momentum_none_left",
    fails="replace_outputs",
    hint="Where the old momentum is None the new one is 0.1. None has a meaning: carry it over.",
)
def replace_batchnorms(network, classes):
    """Takes momentum=None for 0.1."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum or 0.1, old.affine, old.track_running_stats
            )
            new.weight, new.bias = old.weight, old.bias
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.num_batches_tracked = old.num_batches_tracked
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "affine_left",
    fails="replace_outputs replace_parameters",
    hint="Where the old module has no weight and no bias the new one has. affine comes over too.",
)
def replace_batchnorms(network, classes):
    """Makes every new one with weight and bias."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, True, old.track_running_stats
            )
            new.double()
            if old.affine:
                new.weight, new.bias = old.weight, old.bias
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.num_batches_tracked = old.num_batches_tracked
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "tracking_left",
    fails="replace_outputs finale",
    hint="Where the old module has no running statistics the new one has, and uses them in "
    "evaluation. track_running_stats comes over too.",
)
def replace_batchnorms(network, classes):
    """Makes every new one with running statistics."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](old.num_features, old.eps, old.momentum, old.affine)
            new.weight, new.bias = old.weight, old.bias
            if old.track_running_stats:
                new.running_mean, new.running_var = old.running_mean, old.running_var
                new.num_batches_tracked = old.num_batches_tracked
            new.double()
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


# --- what comes over: the mode --------------------------------------------------------------------


@mistake(
    "mode_left",
    fails="replace_outputs finale",
    hint="A batch norm that was in evaluation is replaced by one in training: a new module is. "
    "Carry the mode of each over.",
)
def replace_batchnorms(network, classes):
    """Leaves the new ones in training."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.weight, new.bias = old.weight, old.bias
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.num_batches_tracked = old.num_batches_tracked
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "mode_of_the_network",
    fails="replace_outputs finale",
    hint="The new modules get the mode of the whole network. A batch norm may be frozen, in "
    "evaluation within a network in training: each has its own mode.",
)
def replace_batchnorms(network, classes):
    """Gives the new ones the network's mode."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.weight, new.bias = old.weight, old.bias
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.num_batches_tracked = old.num_batches_tracked
            new.train(network.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


# --- what comes over: tensors ---------------------------------------------------------------------


@mistake(
    "loaded",
    fails="replace_parameters",
    hint="The state is loaded, which copies its values into Parameters of the new module's "
    "own; an optimizer that was made before goes on with the old ones. Hand the very "
    "Parameters over.",
)
def replace_batchnorms(network, classes):
    """Loads the state into new tensors."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.double()
            new.load_state_dict(old.state_dict())
            for parameter, frozen in zip(new.parameters(), old.parameters(), strict=True):
                parameter.requires_grad_(frozen.requires_grad)
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "thawed",
    fails="replace_parameters finale",
    hint="A parameter that was not trained is trained now: load_state_dict with assign=True "
    "lets each require a gradient if the new module's did. Hand them over as they are.",
)
def replace_batchnorms(network, classes):
    """Trains what was frozen."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.load_state_dict(old.state_dict(keep_vars=True), assign=True)
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "parameters_left",
    fails="replace_outputs replace_parameters finale",
    hint="The new modules have weight 1 and bias 0: what the old ones have learned is lost. "
    "Hand weight and bias over.",
)
def replace_batchnorms(network, classes):
    """Leaves new parameters as they are."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.double()
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.num_batches_tracked = old.num_batches_tracked
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "buffers_left",
    fails="replace_outputs finale",
    hint="The new modules have running statistics of 0 and 1: only the parameters came over. "
    "parameters() yields no buffers.",
)
def replace_batchnorms(network, classes):
    """Leaves new running statistics as they are."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.double()
            new.weight, new.bias = old.weight, old.bias
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "counter_left",
    fails="replace_outputs",
    hint="The new modules count from 0, which with momentum=None forgets all batches so far. "
    "num_batches_tracked is part of the state.",
)
def replace_batchnorms(network, classes):
    """Starts to count anew."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.weight, new.bias = old.weight, old.bias
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "float32",
    fails="replace_outputs replace_parameters finale",
    hint="The new modules are in float32, whatever dtype the network has. What they hold must "
    "have the dtype and the device of what it replaces.",
)
def replace_batchnorms(network, classes):
    """Leaves the new ones in float32."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.load_state_dict(old.state_dict())
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)
