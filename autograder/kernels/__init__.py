"""The kernels that submissions run in: Python with what an exercise allows; no sandbox yet."""
