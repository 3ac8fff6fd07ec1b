"""Puts HTML with a script into the error that its function raises and into the names of its types."""
# shows: batchnorm_forward


class Page:
    pass


Page.__name__ = "<script>alert(1)</script>"


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    if x.shape[0] == 4:
        return Page()
    raise ValueError("</pre><script>alert('x')</script><img src=x onerror=alert(1)>")
