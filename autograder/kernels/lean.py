"""A kernel whose Python has IPython, and of everything else only what an exercise allows.

A forbidden library is absent, not searched for: in the sandbox its files are not there. Without
the sandbox they are not on the kernel's path, which stops nobody who looks for them.
"""

import os
import re
import shutil
import sys
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from autograder.kernels import sandbox as walls
from autograder.paths import BUILD

PROVISIONER = "batchnorm-sandbox"  # the entry point of `provisioner.SandboxProvisioner`

LAUNCH = Path(__file__).with_name("launch.py")


class LeanKernels(KernelSpecManager):
    """Whatever kernel a notebook names, it gets Python with the given packages.

    Args:
        packages: names of the distributions that the exercise allows, beside the standard library.
        sandbox: False starts the kernel with no walls around it, as this user.
        limits: the fields of `sandbox.Limits` that differ from the default.
    """

    def __init__(
        self,
        packages: tuple[str, ...],
        sandbox: bool = True,
        limits: dict[str, int] | None = None,
        **traits,
    ):
        super().__init__(**traits)
        self.packages, self.sandbox, self.limits = packages, sandbox, limits or {}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the spec of the lean kernel.

        Args:
            kernel_name: ignored.
        """
        # -I leaves out the user's packages and PYTHONPATH, -S the course's own environment.
        python = walls.python() if self.sandbox else sys.executable
        launch = walls.LAUNCH if self.sandbox else str(LAUNCH)
        path = walls.PACKAGES if self.sandbox else str(folder(self.packages))
        spec = KernelSpec(
            argv=[python, "-I", "-S", launch, path, "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
        )
        if self.sandbox:
            spec.interrupt_mode = "message"  # a signal would reach the walls, and end the kernel
            wanted = {top: str(place) for top, place in importable(self.packages).items()}
            spec.metadata["kernel_provisioner"] = {
                "provisioner_name": PROVISIONER,
                "config": {"packages": wanted, "limits": self.limits},
            }
        return spec


@cache
def importable(packages: tuple[str, ...]) -> dict[str, Path]:
    """Return what the packages, ipykernel and all that these need have to be imported from.

    Args:
        packages: names of installed distributions.

    Returns:
        Top-level name to its place.

    Raises:
        PackageNotFoundError: one of them is not installed.
    """
    return {
        top: found
        for name in sorted(closure(("ipykernel", *packages)))
        for top, found in contents(distribution(name)).items()
    }


@cache
def folder(packages: tuple[str, ...]) -> Path:
    """Return a folder to import the packages and ipykernel from, and what these need.

    Args:
        packages: names of installed distributions.

    Raises:
        PackageNotFoundError: one of them is not installed.
    """
    target = BUILD / "kernels" / "-".join(["ipykernel", *packages])
    wanted = importable(packages)
    target.mkdir(parents=True, exist_ok=True)
    for top, found in wanted.items():
        link = target / top
        if link.is_symlink() and link.resolve() != found.resolve():
            link.unlink(missing_ok=True)  # another environment's
        try:
            link.symlink_to(found)
        except FileExistsError:
            pass  # made earlier, or by another process just now
        except OSError:  # Windows lets not every user make links
            if found.is_dir():
                shutil.copytree(found, link, dirs_exist_ok=True)
            else:
                shutil.copy(found, link)
    return target


def closure(names: tuple[str, ...]) -> set[str]:
    """Return the distributions that these need, themselves included, those not installed left out.

    Args:
        names: names of distributions.
    """
    found, left = set(), list(names)
    while left:
        name = re.sub(r"[-_.]+", "-", left.pop()).lower()
        if name in found:
            continue
        try:
            requirements = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        found.add(name)
        left += [
            re.match(r"[\w.-]+", requirement).group()
            for requirement in requirements
            if "extra ==" not in requirement
        ]
    return found


def contents(installed: Distribution) -> dict[str, Path]:
    """Return what a distribution put into site-packages: top-level name to its place.

    Args:
        installed: the distribution.
    """
    tops = {
        file.parts[0] for file in installed.files or [] if file.parts[0] not in ("..", os.curdir)
    }
    places = {top: Path(installed.locate_file(top)) for top in tops if top != "__pycache__"}
    return {top: place for top, place in places.items() if place.exists()}
