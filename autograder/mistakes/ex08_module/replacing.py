"""Ways to replace batch norms that miss some, or put them in the wrong places."""

import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


# --- which are found ------------------------------------------------------------------------------


@mistake(
    "top_level_only",
    fails="replace_all replace_shared finale",
    hint="Only the network's own children are looked at. A batch norm may stand deeper, in a "
    "module in a module: walk through all of them.",
)
def replace_batchnorms(network, classes):
    """Looks at the network's own children only."""
    made = {}
    for name, old in list(network.named_children()):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
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
    "sequential_only",
    fails="replace_all replace_shared finale",
    hint="Only what stands in a Sequential is replaced. A batch norm may be an attribute of "
    "any module, or stand in a list.",
)
def replace_batchnorms(network, classes):
    """Looks into Sequential only."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        parent = network.get_submodule(name.rpartition(".")[0])
        if type(old) not in classes or not isinstance(parent, torch.nn.Sequential):
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
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
    "only_2d",
    fails="replace_all replace_shared finale",
    hint="Only BatchNorm2d is replaced. Replace every module whose type is a key of classes.",
)
def replace_batchnorms(network, classes):
    """Replaces BatchNorm2d only."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) is not torch.nn.BatchNorm2d:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
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
    "always_2d",
    fails="replace_all replace_shared finale",
    hint="All batch norms become one class. Each is replaced by the class that stands for its "
    "own type in classes.",
)
def replace_batchnorms(network, classes):
    """Puts the class for images everywhere."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[torch.nn.BatchNorm2d](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
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
    "instance_norm_too",
    fails="replace_all replace_outputs",
    hint="Other normalizations are replaced too, since they share a base class with batch "
    "norm. Look at the type: is it a key of classes?",
)
def replace_batchnorms(network, classes):
    """Replaces instance norm too."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if not isinstance(old, torch.nn.modules.batchnorm._NormBase):
            continue
        kind = type(old) if type(old) in classes else torch.nn.BatchNorm2d
        if old not in made:
            new = classes[kind](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
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
    "first_only",
    fails="replace_all replace_shared finale",
    hint="Only the first batch norm is replaced. Go on to the end.",
)
def replace_batchnorms(network, classes):
    """Stops after the first."""
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
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
        break
    return len(made)


@mistake(
    "tracking_only",
    fails="replace_all finale",
    hint="Batch norms without running statistics are left as they are. They are to be replaced "
    "like any others.",
)
def replace_batchnorms(network, classes):
    """Replaces those with running statistics only."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes or old.running_mean is None:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
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
    "trained_only",
    fails="replace_all finale",
    hint="Batch norms that are in evaluation are left as they are. They are to be replaced "
    "too, and to stay in evaluation.",
)
def replace_batchnorms(network, classes):
    """Leaves frozen ones out."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes or not old.training:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.weight, new.bias = old.weight, old.bias
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.num_batches_tracked = old.num_batches_tracked
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


# --- where the new ones go ------------------------------------------------------------------------


@mistake(
    "dotted_names",
    fails="replace_outputs finale",
    hint="The new modules are set on the network itself, under names with dots in them, and "
    "the old ones still do the work. Set them on the module that holds the old one.",
)
def replace_batchnorms(network, classes):
    """Sets an attribute with dots in its name on the network."""
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
            new.train(old.training)
            made[old] = new
        network._modules[name] = made[old]
    return len(made)


@mistake(
    "works_on_a_copy",
    fails="replace_all replace_shared",
    hint="A copy of the network is changed, and the network itself is as it was. Change the "
    "one that was given.",
)
def replace_batchnorms(network, classes):
    """Replaces in a copy."""
    import copy

    made, network = {}, copy.deepcopy(network)
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
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)


@mistake(
    "returns_nothing",
    fails="replace_all replace_shared finale",
    hint="Nothing is returned. Return how many batch norms were replaced.",
)
def replace_batchnorms(network, classes):
    """Returns nothing."""
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
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return None


@mistake(
    "counts_places",
    fails="replace_shared",
    hint="A batch norm that stands in several places is counted once for each. It is one "
    "module, and counts once.",
)
def replace_batchnorms(network, classes):
    """Counts places."""
    made, count = {}, 0
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
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
        count += 1
    return count


@mistake(
    "one_place_only",
    fails="replace_shared",
    hint="A batch norm that stands in several places is replaced in the first, and remains in "
    "the others: modules(), named_modules() and named_children() name each module once. "
    "Look at every place.",
)
def replace_batchnorms(network, classes):
    """Replaces a shared one in its first place only."""
    made = {}
    for name, old in list(network.named_modules()):
        if type(old) not in classes:
            continue
        if old not in made:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
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
    "one_for_each_place",
    fails="replace_shared",
    hint="A batch norm that stands in several places becomes several modules, which learn "
    "apart from then on. Remember what took its place.",
)
def replace_batchnorms(network, classes):
    """Makes a new one for each place."""
    made = {}
    for name, old in list(network.named_modules(remove_duplicate=False)):
        if type(old) not in classes:
            continue
        if True:
            new = classes[type(old)](
                old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats
            )
            new.weight, new.bias = old.weight, old.bias
            new.running_mean, new.running_var = old.running_mean, old.running_var
            new.num_batches_tracked = old.num_batches_tracked
            new.train(old.training)
            made[old] = new
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, made[old])
    return len(made)
