"""Wrong and unusual gradient penalties."""

import numpy as np
import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


@mistake(
    "no_create_graph",
    fails="penalty_gradient",
    hint="The penalty has no history: the gradient was taken without create_graph=True, or what came of it "
    "was detached. Its value is right, and no optimizer can make it smaller.",
)
def gradient_penalty(model, x):
    """Takes the gradient without create_graph."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x)
    return gradient.square().sum(dim=1).mean()


@mistake(
    "returns_a_number",
    fails="penalty_gradient",
    hint="The penalty is a Python number, made by item or float. A number has no history: return the "
    "tensor.",
)
def gradient_penalty(model, x):
    """Returns a float."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return gradient.square().sum(dim=1).mean().item()


@mistake(
    "norm_detached",
    fails="penalty_gradient",
    hint="One of the two factors of the square is detached, so that the derivative is half of what it should "
    "be.",
)
def gradient_penalty(model, x):
    """Multiplies the gradient by its detached self."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return (gradient * gradient.detach()).sum(dim=1).mean()


@mistake(
    "calls_backward",
    fails="penalty_clean",
    hint="backward() was called, which adds to the .grad of every parameter of the model. The optimizer "
    "would take these numbers for the gradient of the loss.",
)
def gradient_penalty(model, x):
    """Fills .grad everywhere by calling backward."""
    x = x.detach().requires_grad_()
    model(x).sum().backward(create_graph=True)
    return x.grad.square().sum(dim=1).mean()


@mistake(
    "switches_x_on",
    fails="penalty_clean",
    hint="The caller's x requires a gradient afterwards: requires_grad_() was called on it. Call it on a "
    "tensor of your own, x.detach().",
)
def gradient_penalty(model, x):
    """Calls requires_grad_ on the caller's x."""
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return gradient.square().sum(dim=1).mean()


@mistake(
    "gradient_left_in_x",
    fails="penalty_clean",
    hint="The caller's x has a .grad afterwards, and requires one. Work on x.detach(), and let "
    "torch.autograd.grad hand the gradient back.",
)
def gradient_penalty(model, x):
    """Lets backward fill x.grad, and only that."""
    x.requires_grad_()
    model(x).sum().backward(create_graph=True, inputs=[x])
    return x.grad.square().sum(dim=1).mean()


@mistake(
    "sum_over_samples",
    fails="penalty_value",
    hint="The squared norms are added up over the samples. The penalty is their mean.",
)
def gradient_penalty(model, x):
    """Adds up all squares."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return gradient.square().sum()


@mistake(
    "mean_over_entries",
    fails="penalty_value",
    hint="The mean is taken over all entries. A squared norm adds up the entries of one sample; the mean is "
    "over the samples.",
)
def gradient_penalty(model, x):
    """Takes the mean of all squares."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return gradient.square().mean()


@mistake(
    "norm_not_squared",
    fails="penalty_value",
    hint="The norms are not squared: there is a root too many.",
)
def gradient_penalty(model, x):
    """Takes the mean of the norms."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return gradient.norm(dim=1).mean()


@mistake(
    "pulled_to_one",
    fails="penalty_value",
    hint="1 is subtracted from the norms. That is another penalty, which pulls norms to 1; this one pulls them "
    "to 0.",
)
def gradient_penalty(model, x):
    """Squares the norm less 1."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return (gradient.norm(dim=1) - 1).square().mean()


@mistake(
    "mean_of_scores",
    fails="penalty_value",
    hint="The gradient is that of the mean of the scores, which makes it N times too small and the penalty "
    "N * N times. Take the gradient of their sum.",
)
def gradient_penalty(model, x):
    """Differentiates the mean of the scores."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).mean(), x, create_graph=True)
    return gradient.square().sum(dim=1).mean()


@mistake(
    "sums_before_it_squares",
    fails="penalty_value",
    hint="The entries of a sample's gradient are added up and then squared. Square them first.",
)
def gradient_penalty(model, x):
    """Squares the sum of the entries."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return gradient.sum(dim=1).square().mean()


@mistake(
    "own_score_only",
    fails="penalty_value",
    hint="Each sample's gradient is that of its own score alone. Where a model normalizes over the batch, a "
    "sample moves the others' scores too: take the gradient of the sum of all scores.",
)
def gradient_penalty(model, x):
    """Takes the gradient of each score by its own sample."""
    x = x.detach().requires_grad_()
    penalty = 0
    for n, score in enumerate(model(x)):
        (gradient,) = torch.autograd.grad(score, x, create_graph=True)
        penalty = penalty + gradient[n].square().sum()
    return penalty / len(x)


@mistake(
    "each_sample_alone",
    fails="penalty_value",
    hint="The model is given one sample at a time. A model that normalizes over the batch then sees batches of "
    "one, and gives other scores.",
)
def gradient_penalty(model, x):
    """Calls the model for each sample."""
    penalty = 0
    for row in x.detach().split(1):
        row.requires_grad_()
        (gradient,) = torch.autograd.grad(model(row).sum(), row, create_graph=True)
        penalty = penalty + gradient.square().sum()
    return penalty / len(x)


@variant("func_grad")
def gradient_penalty(model, x):
    """Uses torch.func.grad."""
    gradient = torch.func.grad(lambda x: model(x).sum())(x)
    return torch.einsum("nc,nc->", gradient, gradient) / len(x)


@variant("backward_into_its_own")
def gradient_penalty(model, x):
    """Calls backward for a tensor of its own only."""
    own = x.clone().requires_grad_()
    model(own).sum().backward(inputs=[own], create_graph=True)
    return (own.grad**2).sum(1).mean(0)


@variant("moved_by_zero")
def gradient_penalty(model, x):
    """Differentiates by a displacement of 0, and takes norms."""
    step = torch.zeros_like(x, requires_grad=True)
    scores = model(x + step)
    ones = torch.ones_like(scores)
    gradient = torch.autograd.grad(scores, step, ones, create_graph=True, retain_graph=True)[0]
    return torch.stack([row @ row for row in gradient]).mean()


@variant("functional_vjp")
def gradient_penalty(model, x):
    """Uses torch.autograd.functional, and returns an array of one number."""
    _, gradient = torch.autograd.functional.vjp(
        model, x, torch.ones(len(x), dtype=x.dtype), create_graph=True
    )
    return gradient.flatten().square().sum().reshape(1) / np.prod(x.shape[:1])
