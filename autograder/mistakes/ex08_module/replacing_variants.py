"""Ways to replace batch norms that are right, and unusual."""

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
variant = CATALOGUE.variant


@variant("recursion_with_a_memory")
def replace_batchnorms(network, classes):
    """Calls itself for each child, with what was replaced so far handed on."""

    def visit(module, made):
        for name, child in module._modules.items():
            if type(child) in classes:
                if id(child) not in made:
                    made[id(child)] = child, like(child)
                module._modules[name] = made[id(child)][1]
            elif child is not None:
                visit(child, made)
        return made

    def like(old):
        options = {"affine": old.affine, "track_running_stats": old.track_running_stats}
        new = classes[type(old)](old.num_features, eps=old.eps, momentum=old.momentum, **options)
        for name, value in old._parameters.items():
            setattr(new, name, value)
        for name, value in old._buffers.items():
            setattr(new, name, value)
        new.training = old.training
        return new

    return len(visit(network, {}))


@variant("state_dict_assigned")
def replace_batchnorms(network, classes):
    """Loads a state_dict that holds the very Parameters, and assigns it."""
    old = {module for module in network.modules() if type(module) in classes}
    new = {}
    for module in old:
        names = ("num_features", "eps", "momentum", "affine", "track_running_stats")
        made = classes[type(module)](**{name: getattr(module, name) for name in names})
        trained = [value.requires_grad for value in module.parameters()]
        made.load_state_dict(module.state_dict(keep_vars=True), assign=True)
        for value, one in zip(made.parameters(), trained, strict=True):
            value.requires_grad_(one)  # assigning trains what was frozen
        new[module] = made.train(module.training)
    for parent in list(network.modules()):
        for name, child in list(parent._modules.items()):
            if child in new:
                setattr(parent, name, new[child])
    return len(old)


@variant("buffers_cloned")
def replace_batchnorms(network, classes):
    """Hands the Parameters over and clones the buffers."""
    replaced = {}
    for parent in network.modules():
        for name in list(parent._modules):
            child = parent._modules[name]
            if type(child) not in classes:
                continue
            if child not in replaced:
                made = classes[type(child)](
                    child.num_features,
                    child.eps,
                    child.momentum,
                    child.affine,
                    child.track_running_stats,
                )
                made.weight, made.bias = child.weight, child.bias
                for buffer, value in child.named_buffers():
                    made.register_buffer(buffer, value.clone())
                replaced[child] = made.train() if child.training else made.eval()
            parent.add_module(name, replaced[child])
    return len(replaced)
