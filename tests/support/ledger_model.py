"""The plainest ledger there is: every point is an entry of its own, with the moment at which it expires."""

from datetime import datetime


class PlainLedger:
    def __init__(self) -> None:
        self.held: list[datetime] = []
        self.owed = 0

    @property
    def balance(self) -> int:
        return len(self.held)

    def earn(self, points: int, expires_at: datetime) -> None:
        for _ in range(points):
            if self.owed:
                self.owed -= 1
            else:
                self.held.append(expires_at)
        self.held.sort()

    def spend(self, points: int) -> list[datetime]:
        """What was taken, for a void."""
        assert points <= self.balance
        taken, self.held = self.held[:points], self.held[points:]
        return taken

    def reverse_earning(self, points: int, expires_at: datetime) -> None:
        """Of a purchase whose points expire then: of that moment first, then the oldest, then on the slate."""
        for _ in range(points):
            if expires_at in self.held:
                self.held.remove(expires_at)
            elif self.held:
                self.held.pop(0)
            else:
                self.owed += 1

    def reverse_spending(self, taken: list[datetime]) -> None:
        """`taken`: in the order in which they expire."""
        settled = min(self.owed, len(taken))
        self.owed -= settled
        self.held = sorted([*self.held, *taken[settled:]])

    def expire(self, now: datetime) -> int:
        before = self.balance
        self.held = [at for at in self.held if at > now]
        return before - self.balance
