"""The questions of ex09_autograd_function: a Function for batch norm, differentiated twice.

First derivatives are compared with the closed form at the student's own x_hat, second derivatives
with differences of the student's own first ones, so that a slip in one costs nothing in the other;
`whole` and `second_whole` compare everything with the reference. An error that torch raises comes
back as text in place of the answer, so that a mistake that raises can be named too.
"""

import numpy as np

from autograder.checks.ex01_statistics import columns
from autograder.checks.ex02_forward import affine
from autograder.checks.ex09_autograd_function_first import (
    ask_arguments,
    ask_batch_of_one,
    ask_dtype,
    ask_dx,
    ask_forward,
    ask_needs,
    ask_parameters,
    ask_plain,
    ask_saved,
    ask_strides,
    ask_twice,
    ask_whole,
)
from autograder.checks.ex09_autograd_function_second import ask_penalty, ask_second
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.reference.function import BatchNormFunction, gradient_penalty

SMALL_EPS = 2.0**-17  # each eps is exact in float32, the dtype of torch.tensor(eps)


def parameters(rng, channels):
    """Draw weight and bias away from 1 and 0, weight of both signs."""
    drawn = affine(rng, channels)
    return {"weight": drawn["gamma"], "bias": drawn["beta"]}


def batch(rng, n, c, eps):
    """Draw everything that a forward and a backward pass take."""
    drawn = {"x": columns(rng, n, c), "dy": rng.standard_normal((n, c)), "eps": eps}
    return drawn | parameters(rng, c)


def label(n, c, eps):
    return f"{n} sample{'s' if n > 1 else ''} of {c} channels, eps = {eps:g}"


def outputs(rng):
    whole = {
        "x": np.array([[1.0, 2.0], [3.0, 10.0], [5.0, 10.0], [7.0, 10.0]])[rng.permutation(4)],
        "weight": np.array([3.0, -4.0]),
        "bias": np.array([1.0, 10.0]),
        "eps": 4.0,
    }
    cases = [Case("4 samples of 2 channels, whole numbers, eps = 4.0", whole)]
    for n, c, eps in [(6, 3, 0.5), (5, 5, 0.0625), (2, 4, 1.5), (7, 1, SMALL_EPS)]:
        drawn = batch(rng, n, c, eps)
        drawn["x"] = drawn["x"] if eps > 1e-3 else 0.01 * drawn["x"]
        cases.append(Case(label(n, c, eps), {n: v for n, v in drawn.items() if n != "dy"}))
    return cases


def two_dtypes(rng):
    cases = []
    for n, c, eps in [(6, 3, 0.5), (4, 4, SMALL_EPS)]:
        drawn = batch(rng, n, c, eps)
        cases.append(Case(label(n, c, eps), {n: v for n, v in drawn.items() if n != "dy"}))
    return cases


def several(*sizes):
    """Return a function that draws one batch for each (n, c, eps)."""

    def cases(rng):
        return [Case(label(n, c, eps), batch(rng, n, c, eps)) for n, c, eps in sizes]

    return cases


def single_samples(rng):
    cases = []
    for c, eps in [(3, 0.5), (4, SMALL_EPS), (2, 2.0)]:
        inputs = batch(rng, 1, c, eps) | {"more": columns(rng, 5, c)}
        inputs["more_dy"] = rng.standard_normal((5, c))
        cases.append(Case(label(1, c, eps), inputs))
    return cases


def layouts(rng):
    cases = []
    for n, c, x_layout, dy_layout in [
        (6, 3, "transposed", "plain"),
        (5, 4, "every second column", "transposed"),
        (7, 3, "plain", "expanded"),
        (4, 5, "transposed", "expanded"),
    ]:
        inputs = batch(rng, n, c, 0.5) | {"x_layout": x_layout, "dy_layout": dy_layout}
        cases.append(Case(f"{n} samples of {c} channels, x {x_layout}, dy {dy_layout}", inputs))
    return cases


def two_uses(rng):
    cases = []
    for n, c, rows, other_eps in [(6, 3, 6, 2.0), (5, 5, 5, 0.125), (4, 2, 7, 1.0)]:
        inputs = batch(rng, n, c, 0.5) | {"other": columns(rng, rows, c), "other_eps": other_eps}
        cases.append(Case(f"{n} samples of {c} channels, then {rows} others", inputs))
    return cases


def large_batches(rng):
    cases = []
    for n, c in [(40, 3), (64, 2)]:
        drawn = batch(rng, n, c, 0.5)
        cases.append(Case(label(n, c, 0.5), {n: v for n, v in drawn.items() if n != "dy"}))
    return cases


def whole_batches(rng):
    cases = []
    for n, c, eps, special in [
        (6, 3, 0.5, ""),
        (6, 6, 0.0625, "a weight of 0"),
        (8, 4, 0.5, "a constant channel"),
        (9, 2, SMALL_EPS, ""),
        (7, 3, 2.0, "a weight of 0"),
        (2, 4, 0.125, "a bias of 0"),
    ]:
        inputs = batch(rng, n, c, eps)
        if special == "a weight of 0":
            inputs["weight"][n % 2] = 0.0
        if special == "a bias of 0":
            inputs["bias"][:] = 0.0
        if special == "a constant channel":
            inputs["x"][:, 2] = inputs["x"][0, 2]
        inputs["x"] = inputs["x"] if eps > 1e-3 else 0.01 * inputs["x"]
        cases.append(Case(", ".join(filter(None, [label(n, c, eps), special])), inputs))
    return cases


def second_batches(rng):
    cases = []
    for n, c, eps, constant in [
        (6, 3, 0.5, False),
        (5, 5, 1.0, False),
        (8, 4, 0.5, True),
        (7, 3, 2.0**-7, False),
    ]:
        inputs = batch(rng, n, c, eps)
        inputs["bias"] = 0.3 * inputs["bias"]  # not where tanh is flat
        inputs["target"] = rng.standard_normal((n, c))
        inputs["mix"] = {"x": rng.standard_normal((n, c)), "weight": rng.uniform(0.5, 2.0, c)}
        inputs["steps"] = {
            name: rng.standard_normal((1, *inputs[name].shape)) for name in ("x", "weight", "dy")
        }
        inputs["last"] = inputs["x"].copy()
        if constant:
            inputs["last"][:, 2] = inputs["last"][0, 2]
        cases.append(Case(label(n, c, eps) + (", a constant channel" if constant else ""), inputs))
    return cases


def models(rng):
    cases = []
    for kind, n, c, k in [
        ("squares", 2, 2, 1),
        ("network", 5, 3, 4),
        ("batch", 6, 4, 3),
        ("batch", 4, 3, 2),
    ]:
        inputs = {"kind": kind, "x": rng.standard_normal((n, c)) + 0.5}
        inputs["inner"] = rng.standard_normal((c, k))
        inputs["outer"] = rng.standard_normal(c if kind == "squares" else k)
        if kind == "squares":
            inputs["x"] = rng.permutation([1.0, 2.0, 3.0, -1.0]).reshape(2, 2)
            inputs["inner"] = rng.permutation([[1.0], [3.0]])
            inputs["outer"] = rng.permutation([1.0, 2.0])
        inputs["steps"] = {
            name: rng.standard_normal((1, *inputs[name].shape)) for name in ("inner", "outer")
        }
        words = {"squares": "squares, whole numbers", "network": "a small network"}
        text = f"{n} samples of {c} channels, {words.get(kind, 'a network that normalizes')}"
        cases.append(Case(text, inputs))
    return cases


ARGUMENTS = (
    *(f"{name} is unchanged by forward" for name in ("x", "weight", "bias")),
    *(f"{name} is unchanged by backward" for name in ("x", "weight", "bias", "dy")),
)
NEEDS = tuple(
    f"change where {names} alone need gradients"
    for names in ("x", "weight", "bias", "x and weight", "x and bias", "weight and bias")
)
DTYPES = tuple(
    f"{what} of y for {name}" for name in ("float32", "float64") for what in ("dtype", "shape")
)
SAVED = Probe(ask_saved, large_batches)
SECOND = Probe(ask_second, second_batches)
PENALTY = Probe(ask_penalty, models)
BY_X, BY_WEIGHT, BY_DY = (f"error of the derivative by {n}" for n in ("x", "weight", "dy"))
LIMITS = tuple(f"saves no more than x and 8 C numbers of {n}" for n in ("float64", "float32"))
FACTS = (
    "x is saved",
    "the values of x are saved",
    "x_hat is saved",
    "a statistic is saved",
    "weight is saved",
    "an array hangs on ctx",
    "a tensor hangs on ctx",
    "autograd is used in backward",
)
WHOLE = (
    "penalty",
    "gradient by x",
    "gradient by weight",
    "gradient by bias",
    "gradient by x alone",
    "x, weight and dy are unchanged",
)

EXERCISE = Exercise(
    name="ex09_autograd_function",
    reference={"BatchNormFunction": BatchNormFunction, "gradient_penalty": gradient_penalty},
    packages=("numpy", "torch"),
    limits={"memory": 3 << 30, "mapped": 24 << 30, "processes": 128},
    question_seconds=20,
    checks=(
        Check(
            id="forward",
            question="Is y right?",
            points=1,
            probe=Probe(ask_forward, outputs),
            compare=("y",),
            function="BatchNormFunction.forward",
            tolerance=1e-9,
            hint="y is weight * (x - mean) / sqrt(var + eps) + bias, with the mean and the biased variance "
            "of each channel over the batch. Yours differs.",
        ),
        Check(
            id="dtype",
            question="Does y have the shape and the dtype of x, float32 or float64?",
            points=1,
            probe=Probe(ask_dtype, two_dtypes),
            compare=DTYPES,
            function="BatchNormFunction.forward",
            hint="y has another dtype or another shape than x. Whatever you compute in between, y is "
            "returned as (N, C), in float32 for float32 and in float64 for float64.",
        ),
        Check(
            id="batch_of_one",
            question="Does a batch of one sample give bias, and a dx of 0?",
            points=1,
            probe=Probe(ask_batch_of_one, single_samples),
            compare=("y", "dx"),
            fingerprint=("y", "dx", "y of more samples", "dx of more samples"),
            function="BatchNormFunction",
            tolerance=1e-9,
            absolute=True,
            hint="With one sample, x is its own mean and the biased variance is 0, so that y is bias and dx is "
            "0. Yours gives something else, or raises an error.",
        ),
        Check(
            id="dweight_dbias",
            question="Are the gradients of weight and bias right for the x_hat that your forward computes?",
            points=1,
            probe=Probe(ask_parameters, several((6, 3, 0.5), (5, 5, 0.0625), (7, 2, 1.5))),
            compare=("error of dweight", "error of dbias"),
            function="BatchNormFunction.backward",
            tolerance=1e-9,
            absolute=True,
            hint="Asked for the gradients of weight and bias, autograd gives other numbers than the sums over "
            "the batch of dy * x_hat and of dy, or an error. backward returns one gradient for each argument "
            "of forward, in the order of these arguments.",
        ),
        Check(
            id="dx",
            question="Is the gradient of x right for the x_hat that your forward computes?",
            points=2,
            probe=Probe(ask_dx, several((6, 3, 0.5), (5, 5, 0.0625), (7, 2, 1.5))),
            compare=("error of dx",),
            function="BatchNormFunction.backward",
            tolerance=1e-9,
            absolute=True,
            hint="Asked for the gradient of x, autograd gives something else than the closed form with your "
            "forward's own x_hat, or an error. torch.autograd.gradcheck compares with differences.",
        ),
        Check(
            id="needs",
            question="Is each gradient the same where some of x, weight and bias require none?",
            points=1,
            probe=Probe(ask_needs, several((6, 3, 0.5), (5, 5, 0.0625), (4, 2, 1.0))),
            compare=NEEDS,
            function="BatchNormFunction.backward",
            tolerance=1e-9,
            absolute=True,
            hint="Where only some of x, weight and bias require gradients, at least one of theirs is missing, "
            "or is another, or there is an error. ctx.needs_input_grad has one entry for each argument of "
            "forward, in order; None may be returned for what needs no gradient, and for nothing else.",
        ),
        Check(
            id="strides",
            question="Are y and the gradients the same however x and dy lie in memory?",
            points=1,
            probe=Probe(ask_strides, layouts),
            compare=("change of y", "change of dx", "change of dweight"),
            function="BatchNormFunction",
            tolerance=1e-9,
            absolute=True,
            hint="With a transposed or an expanded tensor something differs, or there is an error. view "
            "wants one piece of memory, reshape does not, and nothing can be written into an expanded "
            "tensor.",
        ),
        Check(
            id="unchanged",
            question="Are x, weight, bias and dy the same after forward and backward as before?",
            points=1,
            probe=Probe(ask_arguments, several((6, 3, 0.5), (5, 5, 0.0625))),
            compare=ARGUMENTS,
            function="BatchNormFunction",
            hint="forward or backward changes what it was given, or raises an error. The tensors belong to "
            "others, who still need them: compute in new ones.",
        ),
        Check(
            id="twice",
            question="Do another use of the Function, and a second backward pass, leave the gradients alone?",
            points=1,
            probe=Probe(ask_twice, two_uses),
            compare=("change by another batch", "change by a backward pass"),
            function="BatchNormFunction",
            tolerance=1e-9,
            absolute=True,
            hint="After the Function was applied to another batch, or after one backward pass, the gradients "
            "are others, or there is an error. What a pass keeps belongs to its own ctx, and backward leaves "
            "it as it is.",
        ),
        Check(
            id="saved",
            question="Does every tensor that backward needs go through save_for_backward, and none hang on "
            "ctx?",
            points=1,
            probe=SAVED,
            compare=("attributes of ctx that hold tensors", "what went through save_for_backward"),
            fingerprint=("what went through save_for_backward", "what they hold", "x_hat is saved"),
            function="BatchNormFunction.forward",
            hint="Tensors that backward needs go through ctx.save_for_backward and come back from "
            "ctx.saved_tensors; attributes of ctx are for numbers. The check in your notebook shows which "
            "attributes hold tensors, or that nothing went through, or an error.",
        ),
        Check(
            id="budget",
            question="Is no more saved than x and 8 numbers for each channel?",
            points=1,
            probe=SAVED,
            compare=("bytes saved of float64", "bytes saved of float32"),
            fingerprint=(
                *LIMITS,
                "y is saved",
                "x_hat is saved",
                "x - mean is saved",
                "y comes from the Function",
                "what they hold",
            ),
            function="BatchNormFunction.forward",
            hint="More is saved than x and 8 numbers for each channel. Whatever follows from x by a few "
            "operations can be computed again in backward, and need not wait in memory until then.",
        ),
        Check(
            id="plain",
            question="Do forward and backward do the work themselves, without an operation that normalizes "
            "and without autograd?",
            points=1,
            probe=Probe(ask_plain, several((6, 3, 0.5), (5, 4, 0.0625))),
            compare=("operations that normalize", "autograd is used"),
            fingerprint=(
                "operations that normalize",
                "autograd is used",
                "dx has a history",
                "lists or tensors hang on ctx",
            ),
            function="BatchNormFunction",
            hint="Something else does the work: an operation that normalizes by itself, or autograd inside or "
            "around the Function; or backward raises an error. Write both passes from sums, products and "
            "roots.",
        ),
        Check(
            id="whole",
            question="Are y and all three gradients right?",
            points=2,
            probe=Probe(ask_whole, whole_batches),
            compare=("y", "dx", "dweight", "dbias"),
            function="BatchNormFunction",
            tolerance=1e-8,
            hint="y or a gradient is not right, or there is an error. Settle the questions before this one "
            "first; then think of a weight of 0, a channel that is constant, an eps of another size.",
        ),
        Check(
            id="second_dy",
            question="Differentiated by dy, do your gradients agree with their own differences?",
            points=1,
            probe=SECOND,
            compare=(BY_DY,),
            fingerprint=(BY_DY, "derivative by dy", *FACTS),
            function="BatchNormFunction.backward",
            tolerance=1e-5,
            absolute=True,
            hint="dx and dweight change with dy, and autograd finds another derivative than their differences "
            "show, or raises an error. With create_graph=True it records backward's own operations: all of "
            "them must be there for it to see, on dy itself.",
        ),
        Check(
            id="second_weight",
            question="Differentiated by weight, do your gradients agree with their own differences?",
            points=1,
            probe=SECOND,
            compare=(BY_WEIGHT,),
            fingerprint=(BY_WEIGHT, "derivative by weight", *FACTS),
            function="BatchNormFunction.backward",
            tolerance=1e-5,
            absolute=True,
            hint="dx changes with weight, and autograd finds another derivative than the differences show, or "
            "raises an error. backward must use the weight that was an input of forward, as it comes back "
            "from ctx.saved_tensors.",
        ),
        Check(
            id="second_x",
            question="Differentiated by x, do your gradients agree with their own differences?",
            points=2,
            probe=SECOND,
            compare=(BY_X,),
            fingerprint=(BY_X, "derivative by x", *FACTS),
            function="BatchNormFunction.backward",
            tolerance=1e-5,
            absolute=True,
            hint="dx and dweight change with x, and autograd finds another derivative than the differences "
            "show, or raises an error. Ask of each tensor in backward how autograd could know that it "
            "depends on x.",
        ),
        Check(
            id="second_whole",
            question="Is the gradient of a gradient's squared norm right through your Function?",
            points=2,
            probe=SECOND,
            compare=WHOLE,
            fingerprint=(*WHOLE, *FACTS),
            function="BatchNormFunction",
            tolerance=1e-7,
            hint="The squared norm of a loss's gradient, or the gradient of that, is not what batch norm "
            "gives, or there is an error, or the second derivative changes x, weight or dy. Settle the "
            "questions before this one first.",
        ),
        Check(
            id="penalty_value",
            question="Is the penalty the mean over the samples of the squared norm of the gradient?",
            points=1,
            probe=PENALTY,
            compare=("penalty",),
            function="gradient_penalty",
            tolerance=1e-9,
            hint="The penalty has another value. Take the gradient of the sum of all scores with respect to "
            "x, square its entries, add them up within each sample, and take the mean over the samples.",
        ),
        Check(
            id="penalty_gradient",
            question="Can the penalty be differentiated, and does it agree with its own differences?",
            points=1,
            probe=PENALTY,
            compare=("error of the derivative by inner", "error of the derivative by outer"),
            fingerprint=(
                "error of the derivative by inner",
                "error of the derivative by outer",
                "what is returned",
            ),
            function="gradient_penalty",
            tolerance=1e-4,
            absolute=True,
            hint="The penalty changes with the parameters of the model, and autograd finds another "
            "derivative than the differences show, or raises an error. It must have recorded how the "
            "gradient was computed.",
        ),
        Check(
            id="penalty_clean",
            question="Does gradient_penalty leave x, and the gradients of the model's parameters, alone?",
            points=1,
            probe=PENALTY,
            compare=(
                "x is unchanged",
                "x requires a gradient",
                "x has a gradient",
                "the parameters' gradients are unchanged",
            ),
            function="gradient_penalty",
            hint="After the call, x or the .grad of one of the model's parameters is not what it was. Work on "
            "a tensor of your own with the values of x, and ask torch.autograd.grad, which hands gradients "
            "back instead of adding them to .grad.",
        ),
    ),
)
