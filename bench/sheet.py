"""Where the samples of one bench gather, with what tells how far to trust them."""

from bench.client import Run
from bench.figures import Measurement
from bench.ledger import Audit


class Sheet:
    """`samples` are by name, one a round. `refused` are answers to posts that were not taken as they should."""

    def __init__(self) -> None:
        self.samples: dict[str, list[float]] = {}
        self.audits: list[Audit] = []
        self.refused: list[bytes] = []

    def add(self, name: str, value: float) -> None:
        self.samples.setdefault(name, []).append(value)

    def take(self, measured: Measurement) -> Run:
        self.add("other_cpus_before", measured.other_cpus)
        self.add("load_generator_cpus", measured.load_cpus)
        self.refused += measured.run.refused
        return measured.run

    @property
    def is_sound(self) -> bool:
        """Whether everything that was acknowledged is there, and everything was acknowledged."""
        return not self.refused and all(audit.is_clean for audit in self.audits)
