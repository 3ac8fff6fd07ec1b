"""The questions of ex08_module: batch norm as a torch module, and putting it into a network."""

from autograder.checks import ex08_module_asking as asking
from autograder.checks import ex08_module_inputs as inputs
from autograder.checks import ex08_module_replacing as replacing
from autograder.checks import modules
from autograder.checks.model import Check, Exercise, Probe
from autograder.reference.module import BatchNorm1d, BatchNorm2d, replace_batchnorms

CLASSES, REPLACING = ("BatchNorm1d", "BatchNorm2d"), ("replace_batchnorms",)


class ModuleExercise(Exercise):
    """An exercise whose questions share what is in `modules`, and ask of some names only."""

    @property
    def asking(self):
        """The modules that its questions need on the student's side, in order."""
        return (*super().asking, modules)

    def answers(self, names, key):
        """Ask code that we wrote; see `Exercise.answers`.

        A probe gets the names that it asks about, and where these are the reference's its answers
        are in the key: torch is slow on small things, and most of the proof would go into asking
        right classes once more because a wrong `replace_batchnorms` stands beside them.
        """
        about = {"ask_replace": REPLACING, "ask_finale": (*CLASSES, *REPLACING)}
        answers = {}
        for probe, cases in key.items():
            asked = about.get(probe, CLASSES)
            if all(names.get(name) is self.reference[name] for name in asked):
                answers[probe] = [case["expected"] for case in cases]
            else:
                given = {name: names[name] for name in asked if name in names}
                answers |= super().answers(given, {probe: cases})
        return answers


NEW = Probe(asking.ask_state, inputs.new_modules)
RUNNING = Probe(asking.ask_running, inputs.unequal_batches)
WEIGHTS = Probe(asking.ask_weights, inputs.weighted_batches)
REFUSED = Probe(asking.ask_refused, inputs.refusals)
REPLACE = Probe(replacing.ask_replace, inputs.networks)
WEIGHED = (
    "it raises",
    "weights of the batches in running_mean",
    "weights of the batches in running_var",
    "weight of what was there before",
)
CUMULATIVE = tuple(f"momentum=None: {name}" for name in WEIGHED)
FORWARD = "BatchNorm1d.forward or BatchNorm2d.forward"
INIT = "BatchNorm1d.__init__ or BatchNorm2d.__init__"

EXERCISE = ModuleExercise(
    name="ex08_module",
    reference={
        "BatchNorm1d": BatchNorm1d,
        "BatchNorm2d": BatchNorm2d,
        "replace_batchnorms": replace_batchnorms,
    },
    packages=("numpy", "torch"),
    limits={"memory": 3 << 30, "mapped": 24 << 30, "processes": 128},
    question_seconds=20,
    checks=(
        Check(
            id="parameters",
            question="Are weight and bias the parameters, 1 and 0 at first, and None with affine=False?",
            points=1,
            probe=NEW,
            compare=(
                "parameters",
                "parameters that require a gradient",
                "shapes of weight and bias",
                "weight",
                "bias",
            ),
            function=INIT,
            hint="A new module's parameters are weight, of ones, and bias, of zeros, both of shape (C,) and "
            "both trained, and no others; with affine=False it has none, and both attributes are None.",
        ),
        Check(
            id="buffers",
            question="Are running_mean, running_var and num_batches_tracked buffers, 0, 1 and 0 at first, and "
            "None with track_running_stats=False?",
            points=1,
            probe=NEW,
            compare=(
                "buffers",
                "shapes of the buffers",
                "running_mean",
                "running_var",
                "num_batches_tracked",
                "dtype of num_batches_tracked",
            ),
            function=INIT,
            hint="A new module's buffers are not what they should be: running_mean of zeros and running_var "
            "of ones, of shape (C,), and num_batches_tracked, an int64 zero of shape (). With "
            "track_running_stats=False the three attributes are None.",
        ),
        Check(
            id="state_dict",
            question="Has the state_dict the keys of torch's own module, and can each load the other's?",
            points=1,
            probe=Probe(asking.ask_state_dict, inputs.checkpoints),
            compare=(
                "keys of the state_dict",
                "loading it into torch's module raises",
                "what torch's module then holds",
                "loading that of torch's module raises",
                "what yours then holds",
            ),
            function=INIT,
            tolerance=1e-12,
            hint="A checkpoint does not go over into torch's module, or back: for each setting of affine and "
            "track_running_stats the keys must be torch's, with the same shapes, no more and no fewer.",
        ),
        Check(
            id="moves",
            question="Do double() and to() take the whole state along?",
            points=1,
            probe=Probe(asking.ask_moves, inputs.used_modules),
            compare=(
                "left in float32 by double()",
                "left in float32 by to(torch.float64)",
                "left behind by to('meta')",
            ),
            function=INIT,
            hint="double() and to() reach what a module has registered: parameters and buffers. Something of "
            "the state here is neither, at the latest after a batch.",
        ),
        Check(
            id="training_rows",
            question="In training, is each channel of x (N, C) normalized by the statistics of the batch?",
            points=1,
            probe=Probe(asking.ask_rows, inputs.rows),
            compare=("y",),
            fingerprint=("y", "running_var"),
            function="BatchNorm1d.forward",
            tolerance=1e-9,
            hint="With weight 1 and bias 0, y is not x minus its channel's mean over the root of its "
            "channel's biased variance, both over the N rows of the batch. Work the case of whole numbers.",
        ),
        Check(
            id="training_maps",
            question="Are the statistics of x (N, C, L) and (N, C, H, W) taken over all axes but the "
            "channels'?",
            points=1,
            probe=Probe(asking.ask_maps, inputs.sequences_and_images),
            compare=("y",),
            fingerprint=("y", "running_var"),
            function=FORWARD,
            tolerance=1e-9,
            hint="With weight 1 and bias 0, y is not what it should be where x has three or four axes. Each "
            "channel has one mean and one biased variance, over all N L or N H W of its values.",
        ),
        Check(
            id="scale_and_shift",
            question="Is y = weight * x_hat + bias, each channel with its own, and y = x_hat with "
            "affine=False?",
            points=1,
            probe=Probe(asking.ask_affine, inputs.scaled_and_shifted),
            compare=(
                "y minus (weight * x_hat + bias)",
                "affine=False raises",
                "y with affine=False, minus x_hat",
            ),
            function=FORWARD,
            tolerance=1e-9,
            absolute=True,
            hint="Your module with weight 1 and bias 0 gives your x_hat. With another weight and bias it does "
            "not give weight * x_hat + bias along the channels' axis, or with affine=False not x_hat.",
        ),
        Check(
            id="eps",
            question="Is eps, as given or 1e-5, added to the variance inside the root, in both modes?",
            points=1,
            probe=Probe(asking.ask_eps, inputs.small_spreads),
            compare=("gain in training", "gain in evaluation"),
            function="BatchNorm1d.forward",
            tolerance=1e-6,
            hint="Where the variance is far below eps, a channel must be stretched by 1 / sqrt(eps), with the "
            "eps that was given, or 1e-5 if none was, in training and in evaluation. Yours is not.",
        ),
        Check(
            id="layout",
            question="Is y the same however x lies in memory?",
            points=1,
            probe=Probe(asking.ask_layout, inputs.layouts),
            compare=("raises", "change of y"),
            function=FORWARD,
            tolerance=1e-10,
            absolute=True,
            hint="For an x that is not contiguous (transposed, a slice, channels_last) your module raises an "
            "error or gives something else than for the same numbers laid out in order.",
        ),
        Check(
            id="dtype",
            question="Does a module keep to its dtype, and is float32 as right as float32 allows, even if the "
            "means are thousands of deviations?",
            points=1,
            probe=Probe(asking.ask_dtype, inputs.float32_batches),
            compare=(
                "dtype of y in training",
                "dtype of y in evaluation",
                "dtypes of running_mean and running_var",
                "dtype of y in a float64 module",
                "distance from y in float64",
            ),
            function=FORWARD,
            tolerance=1e-2,
            absolute=True,
            hint="y, running_mean and running_var must have the dtype of the module, and y in float32 must "
            "be that in float64, to 0.01. Something changes the dtype, or the digits are lost.",
        ),
        Check(
            id="untouched",
            question="Are x, weight and bias the same after a forward pass as before it?",
            points=1,
            probe=Probe(asking.ask_untouched, inputs.either_mode),
            compare=("x is unchanged", "weight is unchanged", "bias is unchanged"),
            function=FORWARD,
            hint="The forward pass has changed x, which belongs to the caller, or a parameter, which is for "
            "the optimizer to change. Compute in new tensors.",
        ),
        Check(
            id="running_mean",
            question="With momentum 0.5, is running_mean right after each of several unequal batches, with "
            "and without torch.no_grad()?",
            points=1,
            probe=RUNNING,
            compare=("running_mean",),
            function=FORWARD,
            tolerance=1e-10,
            hint="With momentum 0.5 each training batch moves running_mean half of the way to the batch's "
            "mean, starting from 0. Yours goes elsewhere: follow it by hand over two batches.",
        ),
        Check(
            id="running_var",
            question="With momentum 0.5, is running_var right after each of several unequal batches, with "
            "and without torch.no_grad()?",
            points=1,
            probe=RUNNING,
            compare=("running_var",),
            function=FORWARD,
            tolerance=1e-10,
            hint="With momentum 0.5 each training batch moves running_var half of the way to the batch's "
            "unbiased variance, M / (M - 1) times the biased one, M the values of a channel, starting from "
            "1. Yours goes elsewhere: follow it by hand where M is 2.",
        ),
        Check(
            id="momentum",
            question="Is momentum, as given or 0.1, the weight of the new batch?",
            points=1,
            probe=WEIGHTS,
            compare=WEIGHED,
            fingerprint=WEIGHED + CUMULATIVE,
            function=FORWARD,
            tolerance=1e-7,
            absolute=True,
            hint="Each training batch must enter both running statistics with the weight momentum, 0.1 if it "
            "was left out, and leave 1 - momentum of what was there. Yours weighs otherwise.",
        ),
        Check(
            id="cumulative",
            question="With momentum=None, do all batches since the start weigh the same?",
            points=1,
            probe=WEIGHTS,
            compare=CUMULATIVE,
            fingerprint=WEIGHED + CUMULATIVE,
            function=FORWARD,
            tolerance=1e-5,
            absolute=True,
            hint="With momentum=None the new batch must weigh 1 / t, t being num_batches_tracked with this "
            "batch counted, so that after t batches each weighs 1 / t, also where the first of them "
            "were seen before a checkpoint was loaded.",
        ),
        Check(
            id="counter",
            question="Does num_batches_tracked count the training batches, in int64?",
            points=1,
            probe=RUNNING,
            compare=("num_batches_tracked", "dtype of num_batches_tracked"),
            function=FORWARD,
            tolerance=1e-10,
            hint="num_batches_tracked must go 0, 1, 2, ...: one more with each training batch, whatever its "
            "size, and remain an int64 tensor.",
        ),
        Check(
            id="no_history",
            question="Are the running statistics free of any gradient history?",
            points=1,
            probe=Probe(asking.ask_history, inputs.successive_batches),
            compare=("require a gradient after training", "backward raises"),
            function=FORWARD,
            hint="After training, running_mean or running_var requires a gradient, or a backward pass "
            "raises an error. What is kept must be cut off from the graph of the batch it came from.",
        ),
        Check(
            id="eval_output",
            question="In evaluation, is y computed from running_mean and running_var, even for one value per "
            "channel, and if a network's eval() was called?",
            points=1,
            probe=Probe(asking.ask_eval, inputs.evaluation_batches),
            compare=(
                "y",
                "one value per channel raises",
                "y of one value per channel",
                "y in a network whose eval() was called",
            ),
            function=FORWARD,
            tolerance=1e-9,
            hint="In evaluation y is weight * (x - running_mean) / sqrt(running_var + eps) + bias, whatever "
            "batch x is in. Yours differs, or does not know that it is in evaluation.",
        ),
        Check(
            id="eval_keeps_state",
            question="Do eval() and forward passes in evaluation leave the whole state as it is?",
            points=1,
            probe=Probe(asking.ask_eval_state, inputs.batches_to_evaluate),
            compare=("changed by eval()", "changed in evaluation"),
            function=FORWARD,
            hint="Evaluation uses the state and never changes it. Here at least one parameter or buffer is "
            "not what it was.",
        ),
        Check(
            id="without_tracking",
            question="With track_running_stats=False, is every batch normalized by its own statistics, in "
            "evaluation too?",
            points=1,
            probe=Probe(asking.ask_untracked, inputs.untracked_batches),
            compare=(
                "it raises in training",
                "y in training, minus y of a batch in training",
                "it raises in evaluation",
                "y in evaluation, minus y of a batch in training",
            ),
            function=FORWARD,
            tolerance=1e-10,
            absolute=True,
            hint="Without running statistics a module gives in both modes what one that has them gives in "
            "training. Yours gives something else, or raises an error.",
        ),
        Check(
            id="one_value",
            question="Where the batch's statistics are needed, does one value per channel raise a ValueError "
            "that changes nothing, and are two enough?",
            points=1,
            probe=REFUSED,
            compare=("one value: raises", "one value: changed by what was refused"),
            function=FORWARD,
            hint="One value has no unbiased variance (M - 1 is 0): wherever the batch's own statistics are to "
            "be used, it must raise a ValueError before the state changes. Two values, from one image or "
            "two, are enough.",
        ),
        Check(
            id="dimensions",
            question="Does x of another number of dimensions raise a ValueError that changes nothing?",
            points=1,
            probe=REFUSED,
            compare=("dimensions: raises", "dimensions: changed by what was refused"),
            function=FORWARD,
            hint="BatchNorm1d takes x of 2 or 3 dimensions, BatchNorm2d of 4. Any other number must raise a "
            "ValueError, in both modes, before the state changes; these must not.",
        ),
        Check(
            id="gradients",
            question="Are autograd's gradients those of the output, in training and in evaluation?",
            points=2,
            probe=Probe(asking.ask_gradients, inputs.gradient_batches),
            compare=("backward raises",)
            + tuple(
                f"slope along {name}, its error"
                for name in ("a shift of x", "any change of x", "weight", "bias")
            ),
            function=FORWARD,
            tolerance=1e-5,
            absolute=True,
            hint="When x, weight or bias changes a little, y does not change by what autograd's gradients "
            "say. Something between them and y is kept from autograd, in training or in evaluation.",
        ),
        Check(
            id="own_work",
            question="Does the module do its work without torch's own normalizations?",
            points=2,
            probe=Probe(asking.ask_work, inputs.audited),
            compare=(
                "torch's own in training",
                "torch's own in evaluation",
                "inherits from torch's own",
            ),
            function=FORWARD,
            hint="The module calls an operation of torch's that normalizes by itself, or inherits from a "
            "class of torch's that does. Here it is yours to write, from sums, means, products and roots.",
        ),
        Check(
            id="whole",
            question="Is everything right while a module is trained, evaluated and trained again?",
            points=1,
            probe=Probe(asking.ask_session, inputs.sessions),
            compare=("y", "running_mean", "running_var", "weighted sums of dx", "dweight", "dbias"),
            function=FORWARD,
            tolerance=1e-7,
            hint="Over several batches in both modes, something differs from what the text asks for. Settle "
            "the questions before this one first.",
        ),
        Check(
            id="replace_all",
            question="Is every batch norm replaced by one of the right class, nothing else, and their number "
            "returned?",
            points=1,
            probe=REPLACE,
            compare=("number returned", "what stands where", "other modules are the same"),
            function="replace_batchnorms",
            hint="After the call something stands in the network that should not: a batch norm that was not "
            "replaced, one of the wrong class or in the wrong place, or another module that changed. Or the "
            "number is not that of the batch norms replaced.",
        ),
        Check(
            id="replace_outputs",
            question="Does the network give the same as before, with everything in the mode it was in, and "
            "after eval()?",
            points=2,
            probe=REPLACE,
            compare=(
                "arguments that differ",
                "the network raises",
                "change of y",
                "change of the buffers after it",
                "change of y in evaluation",
            ),
            function="replace_batchnorms",
            tolerance=1e-9,
            absolute=True,
            hint="With batch norms that are right in the places of the old, the network no longer gives what "
            "it gave. Beside the tensors, the options, the mode and the dtype of each must come over.",
        ),
        Check(
            id="replace_parameters",
            question="Are the network's parameters the very same objects as before?",
            points=1,
            probe=REPLACE,
            compare=("parameters are the same objects", "parameters that are not trained"),
            function="replace_batchnorms",
            hint="An optimizer that was made before holds the old parameters. The new modules have others, "
            "with the same values or not, which it will never change.",
        ),
        Check(
            id="replace_shared",
            question="Is a batch norm that stands in several places replaced by one module in all of them, "
            "and counted once?",
            points=1,
            probe=REPLACE,
            compare=(
                "shared: number returned",
                "shared: what stands where",
                "shared: one module in all its places",
            ),
            function="replace_batchnorms",
            hint="Where one batch norm stands in several places of a network, one new module must stand in "
            "all of them, and count once. Here some are left, or they are several.",
        ),
        Check(
            id="finale",
            question="With your own modules in their places, does a network give what it gave, forward and "
            "backward, in training and in evaluation?",
            points=1,
            probe=Probe(replacing.ask_finale, inputs.networks_for_all),
            compare=(
                "it raises",
                "number returned",
                "batch norms now",
                "change of y",
                "change of dx",
                "change of other gradients",
                "change of the running statistics",
                "change of y in evaluation",
            ),
            function="replace_batchnorms",
            tolerance=1e-7,
            absolute=True,
            hint="replace_batchnorms with your own two classes changes what a network gives. Settle the "
            "questions about each of them first.",
        ),
    ),
)
