"""The catalogue of ex07_training_lab."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant

# --- linear_backward: wrong ------------------------------------------------------------------------


@mistake(
    "bias_averaged",
    fails="linear_parameters",
    hint="dbias is averaged over the samples. A loss that is a mean has its 1/N in dy already: sum, or "
    "the bias is averaged twice.",
)
def linear_backward(dy, x, weight):
    """Averages the gradient of the bias."""
    return dy @ weight, dy.T @ x, dy.mean(axis=0)


@mistake(
    "weight_averaged",
    fails="linear_parameters",
    hint="dweight is divided by the number of samples. A loss that is a mean has its 1/N in dy "
    "already: sum over the samples.",
)
def linear_backward(dy, x, weight):
    """Averages the gradient of the weight."""
    return dy @ weight, dy.T @ x / len(x), dy.sum(axis=0)


@mistake(
    "parameters_averaged",
    fails="linear_parameters",
    hint="dweight and dbias are divided by the number of samples. A loss that is a mean has its 1/N "
    "in dy already: sum over the samples.",
)
def linear_backward(dy, x, weight):
    """Averages the gradients of the weight and the bias."""
    return dy @ weight, dy.T @ x / len(x), dy.mean(axis=0)


@mistake(
    "input_averaged",
    fails="linear_input",
    hint="dx is divided by the number of samples. Each sample has its own row of dx: nothing is "
    "averaged.",
)
def linear_backward(dy, x, weight):
    """Divides the gradient of the input by N."""
    return dy @ weight / len(x), dy.T @ x, dy.sum(axis=0)


@mistake(
    "weight_transposed",
    fails="linear_parameters",
    hint="dweight has the shape (D_in, D_out). A gradient has the shape of what it belongs to: "
    "weight is (D_out, D_in).",
)
def linear_backward(dy, x, weight):
    """Returns dweight transposed."""
    return dy @ weight, x.T @ dy, dy.sum(axis=0)


@mistake(
    "bias_over_outputs",
    fails="linear_parameters",
    hint="dbias is summed over the outputs of each sample. Each bias serves one output and every "
    "sample: sum over the samples, axis 0.",
)
def linear_backward(dy, x, weight):
    """Sums the gradient of the bias over axis 1."""
    return dy @ weight, dy.T @ x, dy.sum(axis=1)


@mistake(
    "one_bias",
    fails="linear_parameters",
    hint="dbias is a single number. There is one bias, and one gradient, for each output.",
)
def linear_backward(dy, x, weight):
    """Sums the gradient of the bias over everything."""
    return dy @ weight, dy.T @ x, dy.sum()


@mistake(
    "bias_not_summed",
    fails="linear_parameters",
    hint="dbias has a row for each sample. The same bias is added in every sample, so its gradient is "
    "the sum over them.",
)
def linear_backward(dy, x, weight):
    """Returns dy as the gradient of the bias."""
    return dy @ weight, dy.T @ x, dy


@mistake(
    "first_sample_bias",
    fails="linear_parameters",
    hint="dbias comes from one sample alone. The bias is added in every sample: sum over them.",
)
def linear_backward(dy, x, weight):
    """Takes the gradient of the bias from the first sample."""
    return dy @ weight, dy.T @ x, dy[0]


@mistake(
    "linear_swapped",
    fails="linear_input linear_parameters",
    hint="dx and dweight come back in each other's place: return dx, dweight, dbias.",
)
def linear_backward(dy, x, weight):
    """Returns dweight first."""
    return dy.T @ x, dy @ weight, dy.sum(axis=0)


@mistake(
    "weight_squared",
    fails="linear_input",
    hint="dx is multiplied by x. The gradient of weight * x with respect to x is the weight alone.",
)
def linear_backward(dy, x, weight):
    """Multiplies dx by x."""
    return dy @ weight * x, dy.T @ x, dy.sum(axis=0)


# --- linear_backward: right ------------------------------------------------------------------------


@variant("linear_einsum")
def linear_backward(dy, x, weight):
    """Sums by einsum, and returns a list."""
    dx = np.einsum("no,oi->ni", dy, weight)
    return [dx, np.einsum("no,ni->oi", dy, x), np.einsum("no->o", dy)]


@variant("linear_loops")
def linear_backward(dy, x, weight):
    """Adds up sample by sample."""
    dx, dweight, dbias = np.zeros(x.shape), np.zeros(weight.shape), np.zeros((1, len(weight)))
    for n, row in enumerate(dy):
        dx[n] = row @ weight
        dweight += np.outer(row, x[n])
        dbias += row
    return dx, dweight, dbias


# --- cross_entropy: wrong --------------------------------------------------------------------------


@mistake(
    "softmax_over_samples",
    fails="loss loss_gradient loss_far",
    hint="Softmax is taken over the samples (axis 0). The classes of one sample share its "
    "probability: axis 1.",
)
def cross_entropy(logits, labels):
    """Takes softmax over axis 0."""
    shifted = logits - logits.max(axis=0)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), (np.exp(log_p) - target) / len(logits)


@mistake(
    "softmax_over_everything",
    fails="loss loss_gradient loss_far",
    hint="The exponentials are divided by the sum over all samples and classes. Each sample's "
    "probabilities add up to 1: sum over axis 1.",
)
def cross_entropy(logits, labels):
    """Takes softmax over the whole array."""
    shifted = logits - logits.max()
    log_p = shifted - np.log(np.exp(shifted).sum())
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), (np.exp(log_p) - target) / len(logits)


@mistake(
    "loss_summed",
    fails="loss loss_far",
    hint="loss is the sum over the samples. It is their mean: divide by N.",
)
def cross_entropy(logits, labels):
    """Sums the loss over the samples."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum(), (np.exp(log_p) - target) / len(logits)


@mistake(
    "loss_over_classes",
    fails="loss loss_far",
    hint="loss is divided by the number of classes as well. Each sample counts once: divide by N alone.",
)
def cross_entropy(logits, labels):
    """Averages the loss over samples and classes."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).mean(), (np.exp(log_p) - target) / len(logits)


@mistake(
    "loss_sign",
    fails="loss loss_far",
    hint="loss is negative: the logarithm of a probability is, and the loss is minus that.",
)
def cross_entropy(logits, labels):
    """Forgets the minus sign of the loss."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return (target * log_p).sum() / len(logits), (np.exp(log_p) - target) / len(logits)


@mistake(
    "binary_logarithm",
    fails="loss loss_far",
    hint="The logarithm has base 2. The loss uses the natural logarithm, np.log.",
)
def cross_entropy(logits, labels):
    """Uses the logarithm to base 2."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    loss = -(target * log_p).sum() / len(logits) / np.log(2)
    return loss, (np.exp(log_p) - target) / len(logits)


@mistake(
    "no_logarithm",
    fails="loss loss_far",
    hint="loss is minus the mean probability of the right class. The logarithm is missing.",
)
def cross_entropy(logits, labels):
    """Leaves the logarithm out."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    target = np.eye(logits.shape[1])[labels]
    return -(target * p).sum() / len(logits), (p - target) / len(logits)


@mistake(
    "most_likely_class",
    fails="loss loss_far",
    hint="The loss takes the probability of the most likely class. It is about the right class, whose "
    "number is the label.",
)
def cross_entropy(logits, labels):
    """Takes the largest probability in place of the label's."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -log_p.max(axis=1).mean(), (np.exp(log_p) - target) / len(logits)


@mistake(
    "gradient_not_averaged",
    fails="loss_gradient loss_far",
    hint="dlogits is not divided by N. The loss is a mean over the samples, and so its gradient has "
    "the factor 1/N.",
)
def cross_entropy(logits, labels):
    """Forgets 1/N in the gradient."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), np.exp(log_p) - target


@mistake(
    "gradient_averaged_twice",
    fails="loss_gradient loss_far",
    hint="dlogits is divided by N twice. The loss is one mean over the samples: one factor 1/N.",
)
def cross_entropy(logits, labels):
    """Divides the gradient by N twice."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), (np.exp(log_p) - target) / len(logits) ** 2


@mistake(
    "gradient_over_classes",
    fails="loss_gradient loss_far",
    hint="dlogits is divided by the number of all entries. The loss is a mean over the samples alone: "
    "divide by N.",
)
def cross_entropy(logits, labels):
    """Divides the gradient by N K."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), (np.exp(log_p) - target) / logits.size


@mistake(
    "gradient_sign",
    fails="loss_gradient loss_far",
    hint="dlogits has the wrong sign. A larger logit of the right class lowers the loss, so its entry "
    "is negative.",
)
def cross_entropy(logits, labels):
    """Returns minus the gradient."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), (target - np.exp(log_p)) / len(logits)


@mistake(
    "gradient_without_target",
    fails="loss_gradient loss_far",
    hint="dlogits is the probabilities over N. The right class's logit also stands outside the sum of "
    "exponentials, and its entry has one more term.",
)
def cross_entropy(logits, labels):
    """Forgets to subtract 1 at the right class."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), np.exp(log_p) / len(logits)


@mistake(
    "gradient_of_label_only",
    fails="loss_gradient loss_far",
    hint="dlogits is 0 at the wrong classes. Their logits stand in the sum of exponentials: raising "
    "one lowers the right class's probability.",
)
def cross_entropy(logits, labels):
    """Leaves the gradient of the other classes out."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    dlogits = target * (np.exp(log_p) - 1) / len(logits)
    return -(target * log_p).sum() / len(logits), dlogits


@mistake(
    "softmax_differentiated_twice",
    fails="loss_gradient loss_far",
    hint="dlogits has a factor p (1 - p) too many. The gradient of softmax and logarithm together is "
    "simpler than either: the factor cancels.",
)
def cross_entropy(logits, labels):
    """Multiplies by the derivative of a sigmoid."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target, p = np.eye(logits.shape[1])[labels], np.exp(log_p)
    return -(target * log_p).sum() / len(logits), (p - target) * p * (1 - p) / len(logits)


@mistake(
    "not_stabilised",
    fails="loss_far",
    hint="The exponential of a large logit overflows. Softmax does not change when the same number is "
    "taken from all logits of a row: take the largest.",
)
def cross_entropy(logits, labels):
    """Exponentiates the logits as they are."""
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), (np.exp(log_p) - target) / len(logits)


@mistake(
    "one_maximum",
    fails="loss_far",
    hint="The largest logit of all samples is taken away, and rows far below it vanish: 0 / 0. Take "
    "each row's own largest logit.",
)
def cross_entropy(logits, labels):
    """Subtracts the maximum of the whole array."""
    exponentials = np.exp(logits - logits.max())
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    target = np.eye(logits.shape[1])[labels]
    return -np.log(p[np.arange(len(p)), labels]).mean(), (p - target) / len(logits)


@mistake(
    "logarithm_of_zero",
    fails="loss_far",
    hint="The probability has become 0 before its logarithm is taken. Take the logarithm of softmax on "
    "paper first: the logit minus the logarithm of the sum of exponentials.",
)
def cross_entropy(logits, labels):
    """Takes the logarithm of a probability that is rounded to 0."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    target = np.eye(logits.shape[1])[labels]
    return -np.log(p[np.arange(len(p)), labels]).mean(), (p - target) / len(logits)


@mistake(
    "clipped_probability",
    fails="loss_far",
    hint="The probability is kept from falling below a bound, so that the loss of a very wrong answer "
    "is too small. Work with logarithms, which need no bound.",
)
def cross_entropy(logits, labels):
    """Clips the probabilities at 1e-12."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    target = np.eye(logits.shape[1])[labels]
    right = np.maximum(p[np.arange(len(p)), labels], 1e-12)
    return -np.log(right).mean(), (p - target) / len(logits)


@mistake(
    "logits_clipped",
    fails="loss_far",
    hint="The logits are clipped, which changes their differences. Take the largest logit of each row "
    "away: that changes no probability.",
)
def cross_entropy(logits, labels):
    """Clips the logits to [-500, 500]."""
    logits = np.clip(logits, -500, 500)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), (np.exp(log_p) - target) / len(logits)


# --- cross_entropy: right --------------------------------------------------------------------------


@variant("entropy_logaddexp")
def cross_entropy(logits, labels):
    """Uses logaddexp and take_along_axis."""
    log_p = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    loss = -np.take_along_axis(log_p, labels[:, None], axis=1).mean()
    dlogits = np.exp(log_p)
    dlogits -= np.arange(logits.shape[1]) == labels[:, None]
    return np.array([loss]), dlogits / logits.shape[0]


@variant("entropy_loops")
def cross_entropy(logits, labels):
    """Handles one sample at a time."""
    loss, dlogits = 0.0, np.zeros(logits.shape)
    for n, (row, label) in enumerate(zip(logits, labels, strict=True)):
        exponentials = np.exp(row - max(row))
        total = exponentials.sum()
        loss += (max(row) + np.log(total) - row[label]) / len(logits)
        dlogits[n] = exponentials / total / len(logits)
        dlogits[n, label] -= 1 / len(logits)
    return [loss, dlogits]


@variant("entropy_in_place")
def cross_entropy(logits, labels):
    """Works in the array it was given."""
    rows = range(len(logits))
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    loss = -np.mean([logits[n, labels[n]] for n in rows])
    np.exp(logits, out=logits)
    for n in rows:
        logits[n, labels[n]] -= 1
    logits /= len(logits)
    return loss, logits


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
    hint="p -= ... changes the caller's arrays. Compute new ones: p - learning_rate * gradient.",
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


# --- predict: wrong --------------------------------------------------------------------------------


@mistake(
    "batch_statistics_in_evaluation",
    fails="evaluation",
    hint="The output is made with forward, from the statistics of the batch. In evaluation the running "
    "averages take their place: infer.",
)
def predict(network, params, running, x):
    """Uses forward."""
    for layer, p in zip(network, params, strict=True):
        x, _ = layer.forward(x, p)
    return x


@mistake(
    "predicts_classes",
    fails="evaluation",
    hint="The result is the number of the largest output. Return the output itself.",
)
def predict(network, params, running, x):
    """Returns the argmax."""
    for layer, p, r in zip(network, params, running, strict=True):
        x = layer.infer(x, p, r)
    return x.argmax(axis=1)


@mistake(
    "predicts_probabilities",
    fails="evaluation",
    hint="Softmax is applied to the output. Return what the last layer returns.",
)
def predict(network, params, running, x):
    """Applies softmax."""
    for layer, p, r in zip(network, params, running, strict=True):
        x = layer.infer(x, p, r)
    exponentials = np.exp(x - x.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@mistake(
    "prediction_not_chained",
    fails="evaluation",
    hint="The last layer gets x itself. Each layer's input is the output of the layer before it.",
)
def predict(network, params, running, x):
    """Feeds x to each layer."""
    for layer, p, r in zip(network, params, running, strict=True):
        y = layer.infer(x, p, r)
    return y


@mistake(
    "last_layer_left_out",
    fails="evaluation",
    hint="The last layer is missing: look at where the loop ends.",
)
def predict(network, params, running, x):
    """Stops before the last layer."""
    for i in range(len(network) - 1):
        x = network[i].infer(x, params[i], running[i])
    return x


@mistake(
    "statistics_re_estimated",
    fails="evaluation",
    hint="The running averages are updated with, or replaced by, the samples at hand before they are "
    "used. In evaluation they are used as they are.",
)
def predict(network, params, running, x):
    """Uses the statistics of x in infer."""
    for layer, p in zip(network, params, strict=True):
        _, cache = layer.forward(x, p)
        x = layer.infer(x, p, layer.statistics(cache))
    return x


# --- predict: right --------------------------------------------------------------------------------


@variant("predict_recursive")
def predict(network, params, running, x):
    """Evaluates the first layer, then the rest."""
    if not network:
        return x
    x = network[0].infer(x, params[0], running[0])
    return predict(network[1:], params[1:], running[1:], x)


@variant("predict_by_rows")
def predict(network, params, running, x):
    """Evaluates one sample at a time."""
    rows = []
    for row in x:
        row = row[None]
        for i in range(len(network)):
            row = network[i].infer(row, params[i], running[i])
        rows.append(row[0])
    return np.stack(rows)


# --- steps_to_target: wrong ------------------------------------------------------------------------


@mistake(
    "single_loss",
    fails="steps",
    hint="A single low loss is taken for the target. It is the mean of the last `window` losses that "
    "must be low.",
)
def steps_to_target(losses, target, window=10):
    """Looks at single losses."""
    low = np.flatnonzero(losses <= target)
    return low[0] + 1 if len(low) else np.inf


@mistake(
    "start_of_window",
    fails="steps",
    hint="The result is where the window starts. What is asked for is the number of steps taken at its "
    "end.",
)
def steps_to_target(losses, target, window=10):
    """Returns the start of the window."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n - window
    return np.inf


@mistake(
    "index_of_last_loss",
    fails="steps",
    hint="The result is one too small: the index of the window's last loss. Indices start at 0, so "
    "after losses[n - 1], n steps have been taken.",
)
def steps_to_target(losses, target, window=10):
    """Returns the index of the last loss of the window."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n - 1
    return np.inf


@mistake(
    "one_step_late",
    fails="steps",
    hint="The result is one too large. For the window losses[n - window : n] the answer is n.",
)
def steps_to_target(losses, target, window=10):
    """Counts one step too many."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n + 1
    return np.inf


@mistake(
    "below_only",
    fails="steps",
    hint="A mean equal to the target does not count. It must be at most the target: <=.",
)
def steps_to_target(losses, target, window=10):
    """Asks for less than the target."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() < target:
            return n
    return np.inf


@mistake(
    "short_windows_at_the_start",
    fails="steps",
    hint="Before `window` steps have been taken, the mean of fewer losses is used. The first window "
    "ends after step `window`.",
)
def steps_to_target(losses, target, window=10):
    """Averages fewer losses at the start."""
    for n in range(1, len(losses) + 1):
        if losses[max(n - window, 0) : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "zeros_before_the_start",
    fails="steps",
    hint="Near the start the sum of fewer losses is divided by `window`, as if losses of 0 came before. "
    "The first window ends after step `window`.",
)
def steps_to_target(losses, target, window=10):
    """Divides shorter sums by the whole window."""
    for n in range(1, len(losses) + 1):
        if losses[max(n - window, 0) : n].sum() / window <= target:
            return n
    return np.inf


@mistake(
    "last_window_left_out",
    fails="steps",
    hint="The window that ends with the last loss is never looked at: n may be as large as the number "
    "of losses.",
)
def steps_to_target(losses, target, window=10):
    """Leaves the last window out."""
    for n in range(window, len(losses)):
        if losses[n - window : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "window_past_the_end",
    fails="steps",
    hint="A last window reaches past the end and holds fewer losses. n is at most the number of losses.",
)
def steps_to_target(losses, target, window=10):
    """Looks at one window too many."""
    for n in range(window, len(losses) + 2):
        if losses[n - window : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "first_window_left_out",
    fails="steps",
    hint="The first window is never looked at: n may be as small as `window`.",
)
def steps_to_target(losses, target, window=10):
    """Leaves the first window out."""
    for n in range(window + 1, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "window_hard_coded",
    fails="steps",
    hint="The window is 10 whatever is asked for. Use the argument.",
)
def steps_to_target(losses, target, window=10):
    """Uses a window of 10."""
    for n in range(10, len(losses) + 1):
        if losses[n - 10 : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "whole_window_low",
    fails="steps",
    hint="Every loss of the window must be low. It is their mean that counts.",
)
def steps_to_target(losses, target, window=10):
    """Asks that all losses of the window are low."""
    for n in range(window, len(losses) + 1):
        if (losses[n - window : n] <= target).all():
            return n
    return np.inf


@mistake(
    "median_of_window",
    fails="steps",
    hint="The median of the window is used. The question is about the mean.",
)
def steps_to_target(losses, target, window=10):
    """Uses the median."""
    for n in range(window, len(losses) + 1):
        if np.median(losses[n - window : n]) <= target:
            return n
    return np.inf


@mistake(
    "mean_since_the_start",
    fails="steps",
    hint="The mean is taken over all losses since the start. Only the last `window` count.",
)
def steps_to_target(losses, target, window=10):
    """Averages all losses so far."""
    for n in range(window, len(losses) + 1):
        if losses[:n].mean() <= target:
            return n
    return np.inf


@mistake(
    "last_time_above",
    fails="steps",
    hint="The result is when the mean has become low for good. The first time counts, even where it "
    "rises again.",
)
def steps_to_target(losses, target, window=10):
    """Waits until the mean stays low."""
    means = np.array([losses[n : n + window].mean() for n in range(len(losses) - window + 1)])
    high = np.flatnonzero(means > target)
    first = high[-1] + 1 if len(high) else 0
    return first + window if first < len(means) else np.inf


@mistake(
    "never_is_the_end",
    fails="steps",
    hint="Where the target is never reached, the number of losses comes back, as if it had been "
    "reached at the end. Return np.inf.",
)
def steps_to_target(losses, target, window=10):
    """Returns the number of losses where the target was not reached."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n
    return len(losses)


@mistake(
    "never_is_zero",
    fails="steps",
    hint="Where the target is never reached, 0 comes back, which is fewer steps than any. Return "
    "np.inf.",
)
def steps_to_target(losses, target, window=10):
    """Returns 0 where the target was not reached."""
    means = np.array([losses[n : n + window].mean() for n in range(len(losses) - window + 1)])
    low = means <= target
    return low.argmax() + window if low.any() else 0


@mistake(
    "never_is_minus_one",
    fails="steps",
    hint="Where the target is never reached, -1 comes back, which is fewer steps than any. Return "
    "np.inf.",
)
def steps_to_target(losses, target, window=10):
    """Returns -1 where the target was not reached."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n
    return -1


@mistake(
    "smallest_mean",
    fails="steps",
    hint="The result is where the mean is smallest. It is the first time it is at most the target.",
)
def steps_to_target(losses, target, window=10):
    """Finds the smallest mean."""
    means = np.array([losses[n : n + window].mean() for n in range(len(losses) - window + 1)])
    return means.argmin() + window if means.min() <= target else np.inf


# --- steps_to_target: right ------------------------------------------------------------------------


@variant("steps_convolved")
def steps_to_target(losses, target, window=10):
    """Convolves with a window of ones."""
    means = np.convolve(losses, np.ones(window), mode="valid") / window
    low = np.flatnonzero(means <= target)
    return float(low[0] + window) if low.size else float("inf")


@variant("steps_cumulated")
def steps_to_target(losses, target, window=10):
    """Takes differences of running sums."""
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    means = (sums[window:] - sums[:-window]) / window
    low = means <= target
    return np.argmax(low) + window if low.any() else np.inf


@variant("steps_in_windows")
def steps_to_target(losses, target, window=10):
    """Looks through a sliding window."""
    means = np.lib.stride_tricks.sliding_window_view(losses, window).mean(axis=1)
    counts = np.arange(window, len(losses) + 1.0)
    return np.min(counts[means <= target], initial=np.inf)


# --- sweep: wrong ----------------------------------------------------------------------------------


@mistake(
    "with_batch_norm_only",
    fails="every_run",
    hint="Both arms are runs with batch norm. losses[0] is without it: run(False, value, seed).",
)
def sweep(run, values, seeds):
    """Sweeps one arm and uses it twice."""
    arm = [[run(True, value, seed) for seed in seeds] for value in values]
    return np.array([arm, arm])


@mistake(
    "without_batch_norm_only",
    fails="every_run",
    hint="Both arms are runs without batch norm. losses[1] is with it: run(True, value, seed).",
)
def sweep(run, values, seeds):
    """Never turns batch norm on."""
    return np.array([[[run(False, v, s) for s in seeds] for v in values] for _ in range(2)])


@mistake(
    "one_arm",
    fails="every_run recorded concluded",
    hint="Only the runs with batch norm are there. A comparison needs both: losses[0] without, "
    "losses[1] with.",
)
def sweep(run, values, seeds):
    """Sweeps one arm."""
    return np.array([[[run(True, v, s) for s in seeds] for v in values]])


@mistake(
    "baseline_not_swept",
    fails="every_run",
    hint="Without batch norm every run has the first value. Each method deserves its own sweep over all "
    "values.",
)
def sweep(run, values, seeds):
    """Sweeps the arm with batch norm, and runs the other at the first value."""
    without = [[run(False, values[0], seed) for seed in seeds] for _ in values]
    with_it = [[run(True, value, seed) for seed in seeds] for value in values]
    return np.array([without, with_it])


@mistake(
    "arms_swapped",
    fails="every_run",
    hint="The arms are in each other's place: losses[0] is without batch norm, losses[1] with it.",
)
def sweep(run, values, seeds):
    """Puts batch norm first."""
    return np.array([[[run(b, v, s) for s in seeds] for v in values] for b in (True, False)])


@mistake(
    "one_seed",
    fails="every_run",
    hint="Every run has the first seed. Use all seeds: otherwise there are as many copies of one run.",
)
def sweep(run, values, seeds):
    """Uses the first seed for all."""
    return np.array([[[run(b, v, seeds[0]) for _ in seeds] for v in values] for b in (False, True)])


@mistake(
    "seeds_by_position",
    fails="every_run",
    hint="The seeds are 0, 1, 2, ... instead of those in the list. Loop over seeds itself.",
)
def sweep(run, values, seeds):
    """Uses the positions of the seeds."""
    return np.array(
        [[[run(b, v, s) for s in range(len(seeds))] for v in values] for b in (False, True)]
    )


@mistake(
    "values_by_position",
    fails="every_run",
    hint="run gets the position of each value instead of the value. Loop over values itself.",
)
def sweep(run, values, seeds):
    """Uses the positions of the values."""
    return np.array(
        [[[run(b, i, s) for s in seeds] for i in range(len(values))] for b in (False, True)]
    )


@mistake(
    "values_sorted",
    fails="every_run",
    hint="The values are swept in another order than they are given in. Keep their order.",
)
def sweep(run, values, seeds):
    """Sorts the values."""
    return np.array(
        [[[run(b, v, s) for s in seeds] for v in sorted(values)] for b in (False, True)]
    )


@mistake(
    "different_seeds_for_the_arms",
    fails="every_run",
    hint="The arms have their seeds in different orders. losses[b, v, s] is about seeds[s] in both.",
)
def sweep(run, values, seeds):
    """Reverses the seeds for one arm."""
    without = [[run(False, v, s) for s in seeds] for v in values]
    return np.array([without, [[run(True, v, s) for s in seeds[::-1]] for v in values]])


@mistake(
    "running_minimum",
    fails="every_run",
    hint="The losses are not those that run returned: each is the lowest so far. Keep the losses as "
    "they are.",
)
def sweep(run, values, seeds):
    """Keeps the lowest loss so far."""
    losses = np.array([[[run(b, v, s) for s in seeds] for v in values] for b in (False, True)])
    return np.minimum.accumulate(losses, axis=-1)


# --- sweep: right ----------------------------------------------------------------------------------


@variant("sweep_filled")
def sweep(run, values, seeds):
    """Fills an array by index, and calls run by keyword."""
    losses = None
    for arm in range(2):
        for i in range(len(values)):
            for j in range(len(seeds)):
                row = run(batch_norm=arm == 1, value=values[i], seed=seeds[j])
                if losses is None:
                    losses = np.zeros((2, len(values), len(seeds), len(row)))
                losses[arm, i, j] = row
    return losses


@variant("sweep_seeds_first")
def sweep(run, values, seeds):
    """Runs seed by seed, and sorts the axes afterwards."""
    losses = [[[run(b, v, s) for v in values] for b in (False, True)] for s in seeds]
    return np.stack(losses, axis=2)


# --- conclude: wrong -------------------------------------------------------------------------------


@mistake(
    "best_seed",
    fails="best",
    hint="best goes by the luckiest seed. Average over the seeds first.",
)
def conclude(values, steps):
    """Chooses by the best seed."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[steps.min(axis=2).argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "best_seed_throughout",
    fails="best speedup",
    hint="The luckiest seed stands for each value, where the mean over the seeds is asked for. One lucky "
    "run says little.",
)
def conclude(values, steps):
    """Reports the best seed instead of the mean."""
    lucky = steps.min(axis=2)
    without, with_it = lucky.min(axis=1)
    usable = np.isfinite(steps).all(axis=2)
    return {"best": values[lucky.argmin(axis=1)], "speedup": without / with_it, "usable": usable}


@mistake(
    "worst_seed",
    fails="best speedup",
    hint="The slowest seed stands for each value, where the mean over the seeds is asked for.",
)
def conclude(values, steps):
    """Reports the worst seed instead of the mean."""
    slowest = steps.max(axis=2)
    without, with_it = slowest.min(axis=1)
    best = values[slowest.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(slowest)}


@mistake(
    "median_over_seeds",
    fails="best speedup",
    hint="The median over the seeds is used, which overlooks a seed that failed. The mean is asked for.",
)
def conclude(values, steps):
    """Uses the median."""
    middle = np.median(steps, axis=2)
    without, with_it = middle.min(axis=1)
    usable = np.isfinite(steps).all(axis=2)
    return {"best": values[middle.argmin(axis=1)], "speedup": without / with_it, "usable": usable}


@mistake(
    "failed_seeds_left_out",
    fails="best",
    hint="Seeds that never reached the target are left out of the mean. They count: their mean is "
    "infinite.",
)
def conclude(values, steps):
    """Averages over the seeds that reached the target."""
    reached = np.isfinite(steps)
    means = np.where(reached, steps, 0).sum(axis=2) / reached.sum(axis=2)
    means = np.where(reached.any(axis=2), means, np.inf)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": reached.all(axis=2)}


@mistake(
    "same_value_for_both",
    fails="best speedup",
    hint="Both arms are compared at the same value, the best with batch norm. Each has its own best "
    "value: that is what makes it fair.",
)
def conclude(values, steps):
    """Compares at the best value with batch norm."""
    means = steps.mean(axis=2)
    i = means[1].argmin()
    best = values[[i, i]]
    return {"best": best, "speedup": means[0, i] / means[1, i], "usable": np.isfinite(means)}


@mistake(
    "same_baseline_for_both",
    fails="best speedup",
    hint="Both arms are compared at the best value without batch norm. Each has its own best value: "
    "that is what makes it fair.",
)
def conclude(values, steps):
    """Compares at the best value without batch norm."""
    means = steps.mean(axis=2)
    i = means[0].argmin()
    best = values[[i, i]]
    return {"best": best, "speedup": means[0, i] / means[1, i], "usable": np.isfinite(means)}


@mistake(
    "speedup_at_one_value",
    fails="speedup",
    hint="The speedup compares both arms at the value that is best with batch norm. Without it, take "
    "the value that is best there.",
)
def conclude(values, steps):
    """Takes the speedup at the best value with batch norm."""
    means = steps.mean(axis=2)
    i = means[1].argmin()
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": means[0, i] / means[1, i], "usable": np.isfinite(means)}


@mistake(
    "speedup_upside_down",
    fails="speedup",
    hint="The speedup is upside down: the steps without batch norm over those with it.",
)
def conclude(values, steps):
    """Divides with by without."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": with_it / without, "usable": np.isfinite(means)}


@mistake(
    "speedup_difference",
    fails="speedup",
    hint="The speedup is the number of steps saved. How many times fewer is a ratio.",
)
def conclude(values, steps):
    """Subtracts."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without - with_it, "usable": np.isfinite(means)}


@mistake(
    "speedup_share_saved",
    fails="speedup",
    hint="The speedup is the share of the steps that is saved. How many times fewer is the ratio of the "
    "two means.",
)
def conclude(values, steps):
    """Returns the share of steps saved."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": 1 - with_it / without, "usable": np.isfinite(means)}


@mistake(
    "mean_of_ratios",
    fails="speedup",
    hint="The ratio is taken seed by seed and then averaged. Take the mean of each arm first, then one "
    "ratio.",
)
def conclude(values, steps):
    """Averages the seeds' ratios."""
    means = steps.mean(axis=2)
    i, j = means.argmin(axis=1)
    speedup = (steps[0, i] / steps[1, j]).mean()
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": speedup, "usable": np.isfinite(means)}


@mistake(
    "positions_not_values",
    fails="best",
    hint="best holds the positions of the best values. Look the values up.",
)
def conclude(values, steps):
    """Returns indices."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = means.argmin(axis=1)
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "most_steps",
    fails="best speedup",
    hint="The value with the most steps is taken for the best. Fewer steps are better.",
)
def conclude(values, steps):
    """Takes the largest finite mean."""
    means = steps.mean(axis=2)
    finite = np.where(np.isfinite(means), means, 0)
    without, with_it = finite.max(axis=1)
    best = values[finite.argmax(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "steps_for_values",
    fails="best",
    hint="best holds the smallest numbers of steps. It is the values that reach them that are asked for.",
)
def conclude(values, steps):
    """Returns the smallest means as the best values."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = means.min(axis=1)
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "best_swapped",
    fails="best",
    hint="The two best values are in each other's place: without batch norm first, then with it.",
)
def conclude(values, steps):
    """Returns the best value with batch norm first."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)][::-1]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "largest_usable",
    fails="best",
    hint="best is the largest usable value. It is the one with the fewest steps.",
)
def conclude(values, steps):
    """Takes the largest usable value for the best."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = [values[np.isfinite(row)].max() for row in means]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "usable_by_any_seed",
    fails="usable",
    hint="A value counts as usable where some seed reached the target. Every seed must: all, not any.",
)
def conclude(values, steps):
    """Asks for one seed that reached the target."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    usable = np.isfinite(steps).any(axis=2)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": usable}


@mistake(
    "usable_upside_down",
    fails="usable",
    hint="usable is True where a seed failed, and False where all reached the target. Turn it around.",
)
def conclude(values, steps):
    """Marks the values that are not usable."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isinf(means)}


@mistake(
    "usable_by_seed",
    fails="usable",
    hint="usable has an entry for each seed. It has one for each value, True where all seeds reached the "
    "target.",
)
def conclude(values, steps):
    """Keeps the axis of the seeds."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(steps)}


@mistake(
    "usable_in_both",
    fails="usable",
    hint="A value counts as usable only where it is so in both arms. Each arm has its own row.",
)
def conclude(values, steps):
    """Asks that both arms reached the target."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    both = np.isfinite(means).all(axis=0)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.array([both, both])}


@mistake(
    "usable_with_only",
    fails="usable",
    hint="usable is about the arm with batch norm alone. It has two rows: without and with.",
)
def conclude(values, steps):
    """Returns one row of usable."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means[1])}


# --- conclude: right -------------------------------------------------------------------------------


@variant("conclude_loops")
def conclude(values, steps):
    """Loops over the arms and values, and returns lists."""
    best, lowest, usable = [], [], []
    for arm in steps:
        means = [sum(row) / len(row) for row in arm]
        place = means.index(min(means))
        best.append(values[place])
        lowest.append(means[place])
        usable.append([all(np.isfinite(s) for s in row) for row in arm])
    return {"usable": usable, "speedup": lowest[0] / lowest[1], "best": best}


@variant("conclude_sums")
def conclude(values, steps):
    """Works with sums over the seeds, and adds an entry of its own."""
    sums = np.einsum("bvs->bv", steps)
    order = np.argsort(sums, axis=1)[:, 0]
    lowest = np.take_along_axis(sums, order[:, None], axis=1)
    speedup = lowest[0] / lowest[1]
    return {
        "best": tuple(np.take(values, order)),
        "speedup": speedup,
        "usable": np.where(sums < np.inf, 1.0, 0.0),
        "sums": sums,
    }


# --- records ---------------------------------------------------------------------------------------
# In a notebook `records` is a dict. Here it is a function of the notebook's other names, so that a
# wrong `sweep` or `conclude` gives the records that a notebook with it has; formulas stand in for runs.


@mistake(
    "made_up",
    fails="recorded",
    hint="With train as it is now, not even the first seed's losses come out again. Fill records by "
    "running sweep with train, and run the notebook from top to bottom.",
)
def records(lab):
    """Makes the losses up."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made, rng = {"train": train}, np.random.default_rng(0)
    for name, values in (
        ("rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = np.sort(rng.uniform(0.0, 2.3, (2, 5, 3, 150)), axis=-1)[..., ::-1]
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "recorded_one_seed",
    fails="recorded",
    hint="The first seed's losses come out again, the others do not: the runs of the other seeds are not "
    "those of SEEDS. Pass SEEDS to sweep.",
)
def records(lab):
    """Runs the first seed three times."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(b, s, **{option: v})[0], values, [0, 0, 0]
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "recorded_arms_swapped",
    fails="recorded",
    hint="The runs without batch norm stand where those with it belong, and the other way round.",
)
def records(lab):
    """Swaps the arms of the losses."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(not b, s, **{option: v})[0], values, [0, 1, 2]
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "recorded_too_few_steps",
    fails="recorded",
    hint="The losses are right as far as they go, but records does not hold 150 for each run. Let train "
    "take all its steps.",
)
def records(lab):
    """Stops after 60 steps."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(b, s, steps=60, **{option: v})[0],
            values,
            [0, 1, 2],
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "conclusions_typed",
    fails="concluded",
    hint="None of the conclusions in records follows from the losses there. Compute them from the arrays "
    "of the same run; figures from elsewhere do not count.",
)
def records(lab):
    """Types conclusions that were read somewhere."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        made[name + "_losses"] = lab.sweep(
            lambda b, v, s, option=option: train(b, s, **{option: v})[0], values, [0, 1, 2]
        )
        made[name + "_conclusions"] = {
            "best": [0.2, 0.5],
            "speedup": 4.6,
            "usable": [[False] * 5, [True, False] * 2 + [True]],
        }
    return made


@mistake(
    "conclusions_of_the_other_sweep",
    fails="concluded",
    hint="The conclusions of the two experiments are in each other's place: those from rate_losses are "
    "rate_conclusions.",
)
def records(lab):
    """Swaps the conclusions of the two experiments."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, other, option, values in (
        ("rate", "scale", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "rate", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(b, s, **{option: v})[0], values, [0, 1, 2]
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[other + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "conclusions_rounded_or_edited",
    fails="concluded",
    hint="best and usable follow from the losses, speedup does not. Leave it as conclude returns it.",
)
def records(lab):
    """Rounds the speedup to a whole number."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(b, s, **{option: v})[0], values, [0, 1, 2]
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        conclusions = lab.conclude(values, np.array(steps, dtype=float))
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = conclusions | {"speedup": 1 + round(conclusions["speedup"])}
    return made


@variant("records_as_lists")
def records(lab):
    """Keeps lists in place of arrays."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return [(2 + seed) * np.exp(-0.2 * speed * n) for n in range(steps)], None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):

        def run(batch_norm, value, seed, option=option):
            return train(batch_norm, seed, **{option: value})[0]

        losses = np.array(lab.sweep(run, values, [0, 1, 2]))
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        conclusions = lab.conclude(values, np.array(steps, dtype=float))
        made[name + "_losses"] = losses.tolist()
        made[name + "_conclusions"] = {k: np.array(v).tolist() for k, v in conclusions.items()}
    return made
