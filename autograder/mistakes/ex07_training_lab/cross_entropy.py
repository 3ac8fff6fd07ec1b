"""cross_entropy, wrong and right."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


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


@mistake(
    "mean_taken_away",
    fails="loss_far",
    hint="The mean of the row is taken away from the logits, and the exponential of one far above it still "
    "overflows. Take the largest logit of the row away.",
)
def cross_entropy(logits, labels):
    """Subtracts the mean of each row."""
    shifted = logits - logits.mean(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
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
