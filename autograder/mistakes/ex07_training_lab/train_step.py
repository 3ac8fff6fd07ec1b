"""train_step, wrong and right."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


# --- train_step: wrong -----------------------------------------------------------------------------


@mistake(
    "ascends",
    fails="step",
    hint="The parameters move along the gradient, which raises the loss. Descent takes learning_rate "
    "times the gradient away.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Adds the gradient."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a + learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "rate_hard_coded",
    fails="step",
    hint="The step does not depend on learning_rate. Use the argument.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Uses a learning rate of 0.01 whatever is asked for."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - 0.01 * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "no_rate",
    fails="step",
    hint="The whole gradient is taken away. Multiply it by learning_rate.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Leaves the learning rate out."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "averaged_again",
    fails="step",
    hint="The gradient is divided by the number of samples. If the loss is a mean, that has been done: "
    "take the gradient as it comes.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Divides the gradients by N."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    rate = learning_rate / len(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "batch_norm_backward_forgotten",
    fails="step",
    hint="The gradient passes a layer that keeps statistics, as batch norm does, unchanged. Every "
    "layer's backward must turn dy into dx.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Passes the gradient of layers with statistics through."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dy = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dy, cache)
        dy = dy if layer.statistics(cache) else dx
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "only_layers_with_params",
    fails="step",
    hint="The gradient skips layers without parameters, such as ReLU. They change x, so the gradient "
    "must go back through them too.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Goes back through layers with parameters only."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dy = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dy, cache)
        dy = dx if len(p) else dy
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "backward_in_forward_order",
    fails="step",
    hint="The gradient goes through the layers from the first to the last. It comes from the loss: "
    "start with the last layer.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Goes through the layers in the same order forward and back."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for layer, p, cache in zip(network, params, caches, strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.append([a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "params_left_reversed",
    fails="step",
    hint="The new params come back from the last layer to the first. Turn the list around: params[0] "
    "belongs to network[0].",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Returns the parameters in the order of the backward pass."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.append([a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "same_gradient_everywhere",
    fails="step",
    hint="Every layer gets the gradient of the loss itself. Each layer's backward returns the dx that "
    "is dy for the layer before it.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Gives each layer the gradient of the loss."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dy = loss(x)
    for layer, p, cache in zip(network, params, caches, strict=True):
        _, grads = layer.backward(dy, cache)
        new_params.append([a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "first_layer_not_trained",
    fails="step",
    hint="The first layer's parameters do not change. The way back ends with layer 0: look at the "
    "range of the loop.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Stops before the first layer."""
    caches, new_params, new_running = [], list(params), []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for i in range(len(network) - 1, 0, -1):
        dx, grads = network[i].backward(dx, caches[i])
        new_params[i] = [a - learning_rate * g for a, g in zip(params[i], grads, strict=True)]
    return value, new_params, new_running


@mistake(
    "only_last_layer_trained",
    fails="step",
    hint="Only the last layer's parameters change. Take the gradient back through all layers.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Trains the last layer only."""
    new_params, new_running = list(params), []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    _, grads = layer.backward(dx, cache)
    new_params[-1] = [a - learning_rate * g for a, g in zip(p, grads, strict=True)]
    return value, new_params, new_running


@mistake(
    "params_not_updated",
    fails="step",
    hint="The params come back as they were. The step is missing: p - learning_rate * gradient.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Returns the old parameters."""
    new_running = []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    return loss(x)[0], params, new_running


@mistake(
    "returns_gradients",
    fails="step",
    hint="The gradients come back in the place of the new params. Take the step: p - learning_rate * "
    "gradient.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Returns the gradients."""
    caches, grads, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for layer, cache in zip(network[::-1], caches[::-1], strict=True):
        dx, of_layer = layer.backward(dx, cache)
        grads.insert(0, of_layer)
    return value, grads, new_running


@mistake(
    "loss_after_the_step",
    fails="step",
    hint="value is the loss after the step. The loss that is asked for is that of the params that came "
    "in.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Returns the loss of the new parameters."""
    caches, new_params, new_running, batch = [], [], [], x
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    _, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    for layer, p in zip(network, new_params, strict=True):
        batch, _ = layer.forward(batch, p)
    return loss(batch)[0], new_params, new_running


@mistake(
    "layers_not_chained",
    fails="step step_running",
    hint="Every layer gets the batch itself. Each layer's input is the output of the layer before it.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Feeds the batch to each layer."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        y, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(y)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "trains_in_evaluation",
    fails="step",
    hint="The loss is that of the output in evaluation, from the running averages. Training uses "
    "forward, which normalizes with the batch.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Takes the loss from infer."""
    caches, new_params, new_running, y = [], [], [], x
    for layer, p, r in zip(network, params, running, strict=True):
        y = layer.infer(y, p, r)
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(y)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "decays",
    fails="step",
    hint="The params also shrink by a factor. Nothing but learning_rate times the gradient is taken "
    "away: there is no weight decay here.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Blends parameters and gradients as if they were running averages."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    keep = 1 - learning_rate
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        step = [keep * a - learning_rate * g for a, g in zip(p, grads, strict=True)]
        new_params.insert(0, step)
    return value, new_params, new_running


@mistake(
    "gradient_direction_only",
    fails="step",
    hint="Only the sign of the gradient is used. The step is learning_rate times the gradient itself.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Steps by the sign of the gradient."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        step = [a - learning_rate * np.sign(g) for a, g in zip(p, grads, strict=True)]
        new_params.insert(0, step)
    return value, new_params, new_running


@mistake(
    "running_never_updated",
    fails="step_running",
    hint="The running averages come back as they were. Blend this batch's statistics in, and return "
    "the result.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Returns the old running averages."""
    caches, new_params = [], []
    for layer, p in zip(network, params, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, running


@mistake(
    "momentum_reversed",
    fails="step_running",
    hint="momentum weights the old average. Here it weights the new batch, as in torch: "
    "(1 - momentum) * running + momentum * statistics.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Weights the old value by momentum."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([momentum * a + (1 - momentum) * b for a, b in pairs])
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "momentum_zero_replaced",
    fails="step_running",
    hint="A momentum of 0 is replaced by 0.1, as by `momentum or 0.1`: 0 counts as false. It is a number like "
    "others, and leaves the running averages where they are.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Takes a momentum of 0 for none given."""
    momentum = momentum or 0.1
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "running_overwritten",
    fails="step_running",
    hint="The running averages are this batch's statistics. Keep 1 - momentum of the old average.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Replaces the running averages."""
    caches, new_params, new_running = [], [], []
    for layer, p in zip(network, params, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        new_running.append(layer.statistics(cache))
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "running_summed",
    fails="step_running",
    hint="momentum times the statistics is added, but the old average is kept whole, so that it grows "
    "for ever. Weight it by 1 - momentum.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Forgets the factor 1 - momentum."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "first_statistic_only",
    fails="step_running",
    hint="Only the first running average of a layer is updated. Batch norm keeps two: the mean and the "
    "variance.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Updates the first running average and keeps the others."""
    caches, new_params, new_running = [], [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        blended = [(1 - momentum) * a + momentum * b for a, b in pairs]
        new_running.append([*blended[:1], *r[1:]])
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, new_running


@mistake(
    "running_after_the_step",
    fails="step_running",
    hint="The statistics come from a second forward pass, with the new params. Take them from the caches "
    "of the pass that the loss comes from.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Takes the statistics after the step."""
    caches, new_params, new_running, batch = [], [], [], x
    for layer, p in zip(network, params, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    for layer, p, r in zip(network, new_params, running, strict=True):
        batch, cache = layer.forward(batch, p)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    return value, new_params, new_running


@mistake(
    "params_in_place",
    fails="step_untouched",
    hint="The caller's params are changed, as by p -= ... or params[i] = ... Put new arrays into a new list: "
    "p - learning_rate * gradient.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Updates the parameters in place."""
    caches, new_running = [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        pairs = zip(r, layer.statistics(cache), strict=True)
        new_running.append([(1 - momentum) * a + momentum * b for a, b in pairs])
    value, dx = loss(x)
    pending = []
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        pending += zip(p, grads, strict=True)
    for a, g in pending:
        a -= learning_rate * g
    return value, params, new_running


@mistake(
    "running_in_place",
    fails="step_untouched",
    hint="The running averages are changed in the caller's arrays. Return new ones.",
)
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Updates the running averages in place."""
    caches, new_params = [], []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
        for a, b in zip(r, layer.statistics(cache), strict=True):
            a *= 1 - momentum
            a += momentum * b
    value, dx = loss(x)
    for layer, p, cache in zip(network[::-1], params[::-1], caches[::-1], strict=True):
        dx, grads = layer.backward(dx, cache)
        new_params.insert(0, [a - learning_rate * g for a, g in zip(p, grads, strict=True)])
    return value, new_params, running


# --- train_step: right -----------------------------------------------------------------------------


@variant("step_recursive")
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Goes forward and back by recursion."""

    def through(i, x):
        if i == len(network):
            return loss(x)
        y, cache = network[i].forward(x, params[i])
        value, dy = through(i + 1, y)
        dx, grads = network[i].backward(dy, cache)
        stepped[i] = [p - learning_rate * g for p, g in zip(params[i], grads, strict=True)]
        pairs = zip(running[i], network[i].statistics(cache), strict=True)
        averaged[i] = tuple(old + momentum * (new - old) for old, new in pairs)
        return value, dx

    stepped, averaged = [None] * len(network), [None] * len(network)
    value, _ = through(0, x)
    return value, stepped, averaged


@variant("step_by_stack")
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Pops layers from a stack, and returns copies that it changed in place."""
    params = [tuple(a.copy() for a in p) for p in params]
    running = [tuple(a.copy() for a in r) for r in running]
    stack = []
    for layer, p, r in zip(network, params, running, strict=True):
        x, cache = layer.forward(x, p)
        stack.append((layer, p, r, cache))
    value, dy = loss(x)
    updates = []
    while stack:
        layer, p, r, cache = stack.pop()
        dy, grads = layer.backward(dy, cache)
        updates += zip(p, grads, strict=True)
        for average, new in zip(r, layer.statistics(cache), strict=True):
            average *= 1 - momentum
            average += np.multiply(momentum, new)
    for array, gradient in updates:
        array -= np.multiply(learning_rate, gradient)
    return [np.array(value), tuple(params), tuple(running)]
