"""What `journeyman demo` plays here: own scenarios, recorded customers, simulated people, doubles and their logs."""

from activities.demo.show import DEMO

__all__ = ["DEMO"]
