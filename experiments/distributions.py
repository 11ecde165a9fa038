"""Quantiles and tails, from SciPy, which is imported by the first who asks: most processes never do. Pure."""


def student_quantile(probability: float, degrees: float) -> float:
    """Of Student's t with so many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def chi_square_tail(value: float, degrees: int) -> float:
    """How likely a chi-square with so many degrees of freedom is at least that."""
    from scipy.special import chdtrc

    return float(chdtrc(degrees, value))
