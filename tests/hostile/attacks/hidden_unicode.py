"""Hides code behind characters that reorder what a reader sees, and defines look-alike names."""
# with --full

access = "user‮ ⁦# only for admins⁩ ⁦"
bаtchnorm_forward = batchnorm_forward  # the second letter is Cyrillic  # noqa: F821
print("tried", ascii(access))
