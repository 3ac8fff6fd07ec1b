"""predict, wrong and right."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


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


@mistake(
    "forward_where_nothing_is_averaged",
    fails="evaluation",
    hint="Layers without running averages run forward, as in training. In evaluation every layer's infer is "
    "used: what else a layer does otherwise in training is its own business.",
)
def predict(network, params, running, x):
    """Uses infer for layers with running averages only."""
    for layer, p, r in zip(network, params, running, strict=True):
        x = layer.infer(x, p, r) if len(r) else layer.forward(x, p)[0]
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
