"""Replaces numpy.asarray by one that gives every array the dtype that is asked for."""
# with --full

ASARRAY = np.asarray


def asarray(value, dtype=None, **options):
    value = ASARRAY(value, dtype, **options)
    return value.astype(np.float32) if dtype is None else value


np.asarray = asarray
print("tried")
