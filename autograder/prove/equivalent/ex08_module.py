"""Mutants of ex08_module that are right."""

from autograder.prove.equivalent.model import OWN, SAME_AXIS, same

TOGETHER = "weight and bias are None together, and so are the three that track"
WORDS = "what the error says is up to the student"
COUNT = "M is a number, whether an int or a float"
TRUTH = "minus True is true and minus False is false"
BOUND = "both names stand for the same"
EITHER = "which number of dimensions comes first makes no difference"
LEFT_OUT = "the frame's dimensions are those of the two classes"
SHORTER = "without its first 1 it is broadcast to the same"
ORDER = "the order makes no difference"
ROUNDED = "1 / t may be a float32: cumulative averages are asked to 1e-5"
IN_PLACE = "a buffer may be changed in place"
AGAIN = "done twice it gives what it gave"
KEYS_STAY = "what is replaced keeps its key, so that the dict may be walked while it changes"
NOT_EMPTY = "no place in a network is empty"
KEPT = "it is kept so that its id stays taken, and the network's old modules live long enough"
TWO = "of two, -1 is 1"
STRICT = "both have the same length"
SAME_KEYS = "both have the same keys"
HANDED_OVER = "the parameters are those of the old module by then"
COMMUTES = "a product is the same whichever factor comes first"

TABLE = (
    *same(
        "ex08_module",
        "BatchNorm1d",
        ("raise ValueError(...", "raise ValueError(...", WORDS),
        ("if self.weight is None:", "if self.bias is None:", TOGETHER),
        ("...if self.weight is None else...", "...if self.bias is None else...", TOGETHER),
        ("if self.running_mean is not None:", "if self.running_var is not None:", TOGETHER),
        (
            "if self.running_mean is not None:",
            "if self.num_batches_tracked is not None:",
            TOGETHER,
        ),
        ("tracks = self.running_mean is...", "tracks = self.running_var is...", TOGETHER),
        ("tracks = self.running_mean is...", "tracks = self.num_batches_tracked is...", TOGETHER),
        ("if self.training or mean is None:", "if self.training or var is None:", TOGETHER),
        ("m = x.numel() // x.shape[1]", "m = x.numel() / x.shape[1]", COUNT),
        ("tracked = track_running_stats", "tracked = -track_running_stats", TRUTH),
        ("...if tracked else None)", "...if track_running_stats else None)", BOUND),
        ("dimensions = ()", "", LEFT_OUT),
        ("dimensions = (2, 3)", "dimensions = (3, 2)", EITHER),
        ("axes = [2, 3]", "axes = [3, 2]", EITHER),
        (
            "shape = [1 if ...in range(x.dim())]",
            "shape = [1 if ...in range(1, x.dim())]",
            SHORTER,
        ),
        (
            "new = 1 / self.num_batches_tracked.item()",
            "new = 1 / self.num_batches_tracked",
            ROUNDED,
        ),
    ),
    *same(
        "ex08_module",
        "replace_batchnorms",
        ("for name, old in list(network...", "for name, old in network...", KEYS_STAY),
        ("for parent in list(network...", "for parent in network...", KEYS_STAY),
        ("for name, child in list(parent...", "for name, child in parent...", KEYS_STAY),
        ("elif child is not None:", "elif ... is not None:", NOT_EMPTY),
        ("elif child is not None:", "elif True:", NOT_EMPTY),
        ("elif child is not None:", "else:", NOT_EMPTY),
        *(
            ("made[id(child)] = (child, ...", f"made[id(child)] = ({other}, like(child))", KEPT)
            for other in ("made", "module", "name", "classes", "network")
        ),
        ("...made[id(child)][1]", "...made[id(child)][-1]", TWO),
        ("new.training = old.training", "new.training = -old.training", TRUTH),
        *(
            ("names = (...", f"names = (...'{second}', '{first}'...", ORDER)
            for first, second in (
                ("num_features", "eps"),
                ("eps", "momentum"),
                ("momentum", "affine"),
                ("affine", "track_running_stats"),
            )
        ),
        ("...trained, strict=True):", "...trained):", STRICT),
        ("...trained, strict=True):", "...trained, strict=False):", STRICT),
        ("...zip(made.parameters()...", "...zip(module.parameters()...", HANDED_OVER),
        ("return len(old)", "return len(new)", SAME_KEYS),
        ("if child in new:", "if child in old:", SAME_KEYS),
    ),
)
