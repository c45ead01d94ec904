"""The controller of this example, in Python: holds the temperature by switching the heater, and tells the formatter."""

from dataclasses import dataclass

from greenroom import Actor, Occasion, lookup, reply, tell, write


@dataclass
class Kept:
    """What is kept over swaps and restarts."""

    set_point: float
    heating: bool


class Controller(Actor, version=1):
    """Heats below the band around the set-point, until the temperature is above it."""

    def init(self, set_point: float = 66, band: float = 0.5) -> None:
        """Starts with the heater off."""
        self.kept = Kept(set_point, False)
        self.band = band

    def on_temperature(self, celsius: float) -> None:
        """Decide, and tell what was decided."""
        kept = self.kept
        if celsius < kept.set_point - self.band / 2:
            kept.heating = True
        elif celsius > kept.set_point + self.band / 2:
            kept.heating = False
        write("heater", kept.heating)
        # One that is not there is being restarted, and this actor will be after it.
        if formatter := lookup("formatter"):
            tell(formatter, "status", celsius=celsius, heating=kept.heating)

    def on_set(self, celsius: float) -> None:
        """Another set-point."""
        self.kept.set_point = celsius

    def on_status(self):
        """Answer with what is kept."""
        return reply(self.kept)

    def save(self) -> Kept:
        """What is kept."""
        return self.kept

    def restore(self, kept: Kept, occasion: Occasion, set_point: float = 66, band: float = 0.5) -> None:
        """Goes on from what was kept: the set-point that was told, not that of the manifest."""
        self.kept = kept
        self.band = band
