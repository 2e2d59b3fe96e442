"""Two customers of the bank: one is known by a PIN, one by a birth date and two answers."""

from activities.providers.bank_accounts import Account

BY_PIN_AND_BY_ANSWERS = [
    Account(full_name="John Smith", account_number="95381901", pin="1596", bank_name="Chase", balance=5679),
    Account(
        full_name="Brian White",
        date_of_birth="31/06/1996",
        security_answer_1="Cooper",
        security_answer_2="Nemo",
        bank_name="PNC",
        balance=3408,
    ),
]
