"""Names and explanations of our robots and of their results, as the administrator sees them in automation."""

from __future__ import annotations

from typing import Final

from b24app.messages.install import words

CHECK_NAME: Final = words("Кредитный контроль: проверить", "Credit control: check")
CHECK_ABOUT: Final = words(
    "Проверяет лимит и просрочку клиента в 1С и сам переводит сделку дальше. Процесс не ждёт ответа.",
    "Checks the client's limit and overdue debt in 1C and moves the deal itself. The process does not wait.",
)
WAIT_NAME: Final = words(
    "Кредитный контроль: проверить и дождаться решения", "Credit control: check and wait for the decision"
)
WAIT_ABOUT: Final = words(
    "Проверяет лимит и просрочку клиента в 1С и отвечает процессу. Сделку переводят следующие роботы.",
    "Checks the client's limit and overdue debt in 1C and answers. The robots that follow move the deal.",
)
DECISION: Final = words("Решение (код)", "Decision (code)")
PROCEED: Final = words("Можно отгружать", "Goods may go")
REASON: Final = words("Причина", "Reason")
EXCESS: Final = words("Превышение лимита", "Over the limit by")
TO_PAY: Final = words("Оплатить для разблокировки", "To pay for release")
