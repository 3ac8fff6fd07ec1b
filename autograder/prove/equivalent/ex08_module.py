"""Mutants of ex08_module that are right."""

from autograder.prove.equivalent.model import same

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

HANDED = "buffers may be handed over or copied"
NEW = "a new module is in training"
OWN = "the tensor that is changed is the module's own, and is not read again"
SAME_DTYPE = "the batch and its statistics have one dtype"
WIDER = "what meets float64 becomes float64"
NARROW = "computing in float32 is as right as float32 allows"
NO_ZERO = "minus 0 is 0"
LIKE = "only its shape and dtype are used, and these are the same"
SQUARED = "only its square is used, so its sign does not matter"
PLAIN_DATA = "what `data` gives is no part of any graph"
ON_THE_CLASS = "autograd calls it on the class, and never on an object"

TABLE = (
    *same(
        "ex08_module",
        "BatchNorm1d",
        ("raise ValueError(f'x has {x.dim()} ...", "raise ValueError(f'x has {x} ...", WORDS),
        (
            "raise ValueError(f'x has {x.dim()} ...",
            "raise ValueError(f'x has {x.dim()} dimensions, which is none of {self...}')",
            WORDS,
        ),
        ("raise ValueError(...{tuple(x.shape)}')", "raise ValueError(...{x.shape}')", WORDS),
        ("if self.weight is None:", "if self.bias is None:", TOGETHER),
        ("if self.running_mean is not None:", "if self.running_var is not None:", TOGETHER),
        (
            "if self.running_mean is not None:",
            "if self.num_batches_tracked is not None:",
            TOGETHER,
        ),
        ("if self.training or mean is None:", "if self.training or var is None:", TOGETHER),
        ("m = x.numel() // x.shape[1]", "m = x.numel() / x.shape[1]", COUNT),
        ("tracked = track_running_stats", "tracked = -track_running_stats", TRUTH),
        ("...if tracked else None)", "...if track_running_stats else None)", BOUND),
        ("dimensions = ()", "", LEFT_OUT),
        ("dimensions = (2, 3)", "dimensions = (3, 2)", EITHER),
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
        ("new = 1.0 / int(module.num...", "new = 1.0 / module.num...", ROUNDED),
        (
            "for name, value in zip((...), state, strict=True):",
            "for name, value in zip((...), state):",
            STRICT,
        ),
        ("...), state, strict=True):", "...), state, strict=False):", STRICT),
        ("for kept, value in ((...", "for kept, value in (..., (module.running_mean, ...", ORDER),
        ("rows = rows * module.weight + ...", "rows *= module.weight\nrows = rows + ...", OWN),
        ("....to(x.dtype)", "....to(moved.dtype)", LIKE),
        ("squares = (rows - mean).pow(2)...", "squares = (mean - rows).pow(2)...", SQUARED),
        ("moved = x.movedim(1, -1)", "moved = -x.movedim(1, -1)", LIKE),
        ("state = (...torch.tensor(0)) ...", "state = (...-torch.tensor(0)) ...", NO_ZERO),
        ("kept.data...value.detach()...", "kept.data...(value, alpha=new)", PLAIN_DATA),
        (
            "mean, var = (module.running_mean.double(), ...",
            "mean, var = (module.running_mean, ...",
            WIDER,
        ),
        (
            "mean, var = (..., module.running_var.double())",
            "mean, var = (..., module.running_var)",
            WIDER,
        ),
        ("rows = x....flatten(0, -2).double()", "rows = x....flatten(0, -2)", NARROW),
    ),
    *same(
        "ex08_module",
        "BatchNorm2d",
        ("raise ValueError(f'{x.dim()} ...", "raise ValueError(f'{x} ...", WORDS),
        ("if self.weight is None:", "if self.bias is None:", TOGETHER),
        ("...if self.weight is None else...", "...if self.bias is None else...", TOGETHER),
        *(
            (f"{before}running_{what}{after}", f"{before}{other}{after}", TOGETHER)
            for before, what, after in (
                ("tracked = self.", "mean", " is not None"),
                ("if self.", "var", " is not None:"),
                ("if self.training or self.", "var", " is None:"),
            )
            for other in ("running_mean", "running_var", "num_batches_tracked")
            if other != f"running_{what}"
        ),
        ("takes = (2, 3)", "takes = (3, 2)", EITHER),
        ("axes = [0, *range(2, x.dim())]", "axes = [*range(2, x.dim()), 0]", EITHER),
        ("m = x.numel() / x.shape[1]", "m = x.numel() // x.shape[1]", COUNT),
        ("m = x.shape.numel() / x.size(1)", "m = x.shape.numel() // x.size(1)", COUNT),
        ("for name, first in ((...", "for name, first in (('bias', torch.zeros), ...", ORDER),
        ("ctx.mark_non...(mean, std)", "ctx.mark_non...(std, mean)", ORDER),
        ("return torch.addcmul(..., x_hat)", "return torch.addcmul(..., x_hat, ...", COMMUTES),
        ("new = 1 / t.to(x.dtype) if...", "new = 1 / t.to(mean.dtype) if...", SAME_DTYPE),
        ("new = 1 / t.to(x.dtype) if...", "new = 1 / t.to(var.dtype) if...", SAME_DTYPE),
        ("new = 1 / t.to(x.dtype) if...", "new = 1 / t.to(t.dtype) if...", ROUNDED),
        ("new = 1 / t.to(x.dtype) if...", "new = 1 / t if...", ROUNDED),
        ("...1 / float(self.num...)", "...1 / self.num...", ROUNDED),
        ("y = y / torch.sqrt(...", "y /= torch.sqrt(...\ny = y", OWN),
        ("@staticmethod", "", ON_THE_CLASS),
    ),
    *same(
        "ex08_module",
        "replace_batchnorms",
        ("for name, old in list(network...", "for name, old in network...", KEYS_STAY),
        ("for parent in list(network...", "for parent in network...", KEYS_STAY),
        ("for name, child in list(parent...", "for name, child in parent...", KEYS_STAY),
        *(
            ("elif child is not None:", f"elif {other} is not None:", NOT_EMPTY)
            for other in ("network", "classes", "module", "made", "name")
        ),
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
        ("for name in list(parent...", "for name in parent...", KEYS_STAY),
        ("made.register_buffer(...", "made.register_buffer(buffer, value)", HANDED),
        ("replaced[child] = made.train() if...", "replaced[child] = made if...", NEW),
    ),
)
