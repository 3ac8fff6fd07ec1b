"""Mutants of ex10_gpu that are right."""

from autograder.prove.equivalent.model import same

EXERCISE = "ex10_gpu"
FUNCTIONS = ("batchnorm_train", "backward_sums", "backward_input", "merge_statistics")
VECTORS = ("weight", "bias", "running_mean", "running_var", "mean", "inv_std", "sum_dy")
VECTORS += ("sum_dy_x_hat", "scale", "slope", "shift", "product", "unbiased")
ANY_ORDER = "axes are reduced in any order, and of four axes -2 is axis 2"
ONE_DTYPE = "all these tensors have the wide dtype"
OF_X = "dy has x's dtype"
WHOLE = "x has a whole number of samples per channel"
NOT_LESS = "it is never negative, and NaN is not greater than 0 either"

TABLE = (
    *(
        entry
        for function in FUNCTIONS
        for entry in same(
            EXERCISE,
            function,
            *(
                (f"<1>{left}0, 2, 3{right}<2>", f"<1>{left}{axes}{right}<2>", ANY_ORDER)
                for left, right in ("()", "[]")
                for axes in ("2, 0, 3", "0, 3, 2", "0, -2, 3")
            ),
            *(
                (f"<1>{one}.dtype<2>", f"<1>{other}.dtype<2>", ONE_DTYPE)
                for one in ("weight", "mean")
                for other in VECTORS
                if one != other
            ),
        )
    ),
)
