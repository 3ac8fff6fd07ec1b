"""Mistakes of ex10_gpu in merge_statistics."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "variances_averaged",
    fails="merge merge_empty merge_large replicas",
    hint="The variances are averaged. The replicas' means differ, and their distances from the "
    "common mean add to the variance: Chan's term.",
)
def merge_statistics(counts, means, variances):
    """Averages the variances, weighted by the counts."""
    share = (counts / counts.sum()).to(means.dtype)[:, None]
    means, variances = torch.where(share > 0, means, 0), torch.where(share > 0, variances, 0)
    return counts.sum(), (share * means).sum(0), (share * variances).sum(0)


@mistake(
    "equal_weights",
    fails="merge merge_empty replicas",
    hint="Every replica weighs the same, whatever its size. Weigh each by its count.",
)
def merge_statistics(counts, means, variances):
    """Gives each replica with samples the same weight."""
    counted = (counts > 0).to(means.dtype)
    share = (counted / counted.sum())[:, None]
    means, variances = torch.where(share > 0, means, 0), torch.where(share > 0, variances, 0)
    mean = (share * means).sum(0)
    return counts.sum(), mean, (share * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "means_unweighted",
    fails="merge merge_empty replicas",
    hint="The means are averaged without the counts. Weigh each by its count, as for the variance.",
)
def merge_statistics(counts, means, variances):
    """Weighs the variances, not the means."""
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    means, variances = torch.where(share > 0, means, 0), torch.where(share > 0, variances, 0)
    mean = means.sum(0) / (share > 0).sum(0)
    return counts.sum(), mean, (share * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "distances_unweighted",
    fails="merge merge_empty merge_large replicas",
    hint="The distances between the means are not weighed by the counts.",
)
def merge_statistics(counts, means, variances):
    """Averages the distances of the means as they are."""
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    means, variances = torch.where(share > 0, means, 0), torch.where(share > 0, variances, 0)
    mean = (share * means).sum(0)
    far = torch.where(share > 0, (means - mean) ** 2, 0)
    return counts.sum(), mean, (share * variances).sum(0) + far.sum(0)


@mistake(
    "merged_unbiased",
    fails="merge merge_empty merge_large replicas",
    hint="The merged variance is divided by count - 1. Biased variances go in, and a biased "
    "one comes out.",
)
def merge_statistics(counts, means, variances):
    """Returns the unbiased variance."""
    count = counts.sum()
    weights = counts.to(means.dtype)[:, None]
    means, variances = torch.where(weights > 0, means, 0), torch.where(weights > 0, variances, 0)
    mean = (weights * means).sum(0) / count
    m2 = (weights * (variances + (means - mean) ** 2)).sum(0)
    return count, mean, m2 / (count - 1)


@mistake(
    "taken_for_unbiased",
    fails="merge merge_empty merge_large replicas",
    hint="The variances that are given are taken for unbiased ones. They are biased: a "
    "replica's sum of squares is count * variance.",
)
def merge_statistics(counts, means, variances):
    """Multiplies each variance by count - 1."""
    count = counts.sum()
    weights = counts.to(means.dtype)[:, None]
    means, variances = torch.where(weights > 0, means, 0), torch.where(weights > 0, variances, 0)
    mean = (weights * means).sum(0) / count
    m2 = ((weights - 1).clamp(min=0) * variances + weights * (means - mean) ** 2).sum(0)
    return count, mean, m2 / count


@mistake(
    "sums_of_squares_returned",
    fails="merge merge_empty merge_large replicas",
    hint="The last result is the sum of squared deviations. Divide it by the count.",
)
def merge_statistics(counts, means, variances):
    """Returns M2 for the variance."""
    count = counts.sum()
    weights = counts.to(means.dtype)[:, None]
    means, variances = torch.where(weights > 0, means, 0), torch.where(weights > 0, variances, 0)
    mean = (weights * means).sum(0) / count
    return count, mean, (weights * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "replicas_counted",
    fails="merge merge_empty merge_large replicas",
    hint="count is the number of replicas. It is that of their samples, the sum of counts.",
)
def merge_statistics(counts, means, variances):
    """Returns the number of replicas as the count."""
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    means, variances = torch.where(share > 0, means, 0), torch.where(share > 0, variances, 0)
    mean = (share * means).sum(0)
    var = (share * (variances + (means - mean) ** 2)).sum(0)
    return (counts > -1).sum(), mean, var


@mistake(
    "only_two",
    fails="merge merge_empty merge_large replicas",
    hint="Only the first two replicas are merged. There may be any number, one included.",
)
def merge_statistics(counts, means, variances):
    """Merges the first replica and the last."""
    counts, means, variances = (t[[0, -1]] if len(t) > 1 else t for t in (counts, means, variances))
    share = (counts.to(means.dtype) / counts.sum().clamp(min=1))[:, None]
    means, variances = torch.where(share > 0, means, 0), torch.where(share > 0, variances, 0)
    mean = (share * means).sum(0)
    return counts.sum(), mean, (share * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "nan_of_empty",
    fails="merge_empty",
    hint="The NaN of an empty replica gets into the result: its weight is 0, and 0 * NaN is "
    "NaN. Choose with torch.where before you multiply.",
)
def merge_statistics(counts, means, variances):
    """Multiplies what an empty replica gave by 0."""
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    mean = (share * means).sum(0)
    return counts.sum(), mean, (share * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "empty_counts_as_one",
    fails="merge_empty",
    hint="An empty replica counts as one sample. Its count is 0, and so is its weight.",
)
def merge_statistics(counts, means, variances):
    """Gives an empty replica a count of 1."""
    counts = counts.clamp(min=1)
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    means, variances = means.nan_to_num(), variances.nan_to_num()
    mean = (share * means).sum(0)
    return counts.sum(), mean, (share * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "empty_overwritten",
    fails="merge_empty",
    hint="The rows of an empty replica are overwritten in the tensors that were passed in, which are "
    "their caller's. torch.where makes new ones.",
)
def merge_statistics(counts, means, variances):
    """Writes 0 into what was passed in."""
    means[counts == 0] = 0
    variances[counts == 0] = 0
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    mean = (share * means).sum(0)
    return counts.sum(), mean, (share * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "counts_in_32_bits",
    fails="merge_large",
    hint="The counts are converted to int32, which ends at 2,147,483,647 and begins again "
    "below 0. Leave them in int64.",
)
def merge_statistics(counts, means, variances):
    """Converts the counts to int32."""
    counts = counts.to(torch.int32)
    share = (counts.to(means.dtype) / counts.sum(dtype=torch.int32))[:, None]
    means, variances = torch.where(share > 0, means, 0), torch.where(share > 0, variances, 0)
    mean = (share * means).sum(0)
    var = (share * (variances + (means - mean) ** 2)).sum(0)
    return counts.sum(dtype=torch.int32).to(torch.int64), mean, var


@mistake(
    "counts_multiplied",
    fails="merge_large",
    hint="Two counts of billions are multiplied as integers: the product is beyond int64. "
    "Divide one by the sum first, or convert to floating point.",
)
def merge_statistics(counts, means, variances):
    """Multiplies integer counts in Chan's formula."""
    count, mean, var = counts[0], means[0], variances[0]
    for n, m, v in zip(counts[1:], means[1:], variances[1:], strict=True):
        total = count + n
        between = (m - mean) ** 2 * ((count * n) / total)
        merged = (count * var + n * v + between) / total
        shifted = mean + (m - mean) * (n / total)
        var = torch.where(n == 0, var, torch.where(count == 0, v, merged))
        mean = torch.where(n == 0, mean, torch.where(count == 0, m, shifted))
        count = total
    return count, mean, var


@mistake(
    "mean_squares",
    fails="merge_large",
    hint="The variance is a mean square minus the squared mean, which cancels where the means "
    "are large. Square the distances from the common mean.",
)
def merge_statistics(counts, means, variances):
    """Takes mean squares minus the squared mean."""
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    means, variances = torch.where(share > 0, means, 0), torch.where(share > 0, variances, 0)
    mean = (share * means).sum(0)
    return counts.sum(), mean, (share * (variances + means**2)).sum(0) - mean**2


@mistake(
    "count_in_floating_point",
    fails="merge_large",
    hint="count comes out in floating point, which has no room for every count of billions. It "
    "is the sum of counts, int64.",
)
def merge_statistics(counts, means, variances):
    """Returns the count in the dtype of the means."""
    weights = counts.to(means.dtype)[:, None]
    means, variances = torch.where(weights > 0, means, 0), torch.where(weights > 0, variances, 0)
    share = weights / weights.sum()
    mean = (share * means).sum(0)
    return weights.sum(), mean, (share * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "selects_replicas",
    fails="merge_habits",
    hint="Empty replicas are left out by a mask as an index, or by nonzero: the host waits to "
    "learn how many remain. Choose with torch.where, which keeps the size.",
)
def merge_statistics(counts, means, variances):
    """Leaves empty replicas out, as torch's own SyncBatchNorm does."""
    full = counts > 0
    counts, means, variances = counts[full], means[full], variances[full]
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    mean = (share * means).sum(0)
    return counts.sum(), mean, (share * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "counts_as_numbers",
    fails="merge_habits",
    hint="The counts are turned into Python numbers, for each of which the host waits. They "
    "are tensors on the device, and may stay there.",
)
def merge_statistics(counts, means, variances):
    """Takes the counts to the host."""
    sizes = [int(n) for n in counts]
    mean, total = torch.zeros_like(means[0]), sum(sizes)
    full = [i for i, n in enumerate(sizes) if n > 0]
    for i in full:
        mean = mean + means[i] * (sizes[i] / total)
    var = torch.zeros_like(mean)
    for i in full:
        var = var + (variances[i] + (means[i] - mean) ** 2) * (sizes[i] / total)
    return counts.sum(), mean, var


@mistake(
    "skips_in_an_if",
    fails="merge_habits",
    hint="A count stands in an `if`, for which the host waits. Choose with torch.where.",
)
def merge_statistics(counts, means, variances):
    """Skips empty replicas with an if."""
    total = counts.sum()
    mean, var = torch.zeros_like(means[0]), torch.zeros_like(means[0])
    for n, m in zip(counts, means, strict=True):
        if n > 0:
            mean = mean + m * (n.to(m.dtype) / total)
    for n, m, v in zip(counts, means, variances, strict=True):
        if n > 0:
            var = var + (v + (m - mean) ** 2) * (n.to(m.dtype) / total)
    return total, mean, var


@mistake(
    "merged_on_the_cpu",
    fails="merge_habits",
    hint="A tensor made on the CPU meets tensors on another device. Make it where the means "
    "are: torch.zeros_like(means[0]).",
)
def merge_statistics(counts, means, variances):
    """Starts the mean from zeros on the CPU."""
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    means, variances = torch.where(share > 0, means, 0), torch.where(share > 0, variances, 0)
    mean = torch.zeros(means.shape[1], dtype=means.dtype) + (share * means).sum(0)
    return counts.sum(), mean, (share * (variances + (means - mean) ** 2)).sum(0)


@mistake(
    "merged_by_channel",
    fails="merge_habits",
    hint="A Python loop merges one channel at a time. The replicas are along axis 0: sum over "
    "it, all channels at once.",
)
def merge_statistics(counts, means, variances):
    """Merges channel by channel."""
    share, merged = counts.to(means.dtype) / counts.sum(), []
    for m, v in zip(means.unbind(1), variances.unbind(1), strict=True):
        m, v = torch.where(share > 0, m, 0), torch.where(share > 0, v, 0)
        mean = (share * m).sum()
        merged.append(torch.stack([mean, (share * (v + (m - mean) ** 2)).sum()]))
    return counts.sum(), *torch.stack(merged).unbind(1)


@mistake(
    "merge_changes_means",
    fails="merge merge_empty",
    hint="The means that were passed in are changed in place, and they are their caller's. Compute in "
    "a new tensor.",
)
def merge_statistics(counts, means, variances):
    """Subtracts the common mean in place."""
    share = (counts.to(means.dtype) / counts.sum())[:, None]
    mean = torch.where(share > 0, share * means, 0).sum(0)
    means -= mean
    spread = share * (variances + means * means)
    return counts.sum(), mean, torch.where(share > 0, spread, 0).sum(0)
