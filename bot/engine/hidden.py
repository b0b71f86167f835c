"""What an order waits with and nobody may store."""

from bot.core.errors import Refused
from bot.core.guards import Ask
from bot.core.model import Order
from bot.core.secret import MASK

MOST = 1000


class Hidden:
    """Orders that wait for people and hold values that are never stored: this process alone can carry them out."""

    def __init__(self) -> None:
        self._orders: dict[int, Order] = {}

    def keep(self, number: int, order: Order) -> None:
        if order.masked() is not order:
            self._orders[number] = order
            for oldest in list(self._orders)[:-MOST]:
                self._orders.pop(oldest, None)

    def take(self, ask: Ask) -> Order:
        order = self._orders.pop(ask.number, ask.order)
        if MASK in order.request.text:
            raise Refused(
                f"{ask.what} has to be ordered again.",
                fact="Its values were kept in memory alone, and Quarterdeck restarted meanwhile.",
                hint=f"help {order.words.name}",
            )
        return order
