import pytest

from activities.providers.bank_accounts import Account, by_answers


def proven(born: str) -> Account:
    return Account(full_name="Sarah Brown", date_of_birth=born, security_answer_1="Wilson", security_answer_2="Molly")


@pytest.mark.parametrize("written", ["October 3, 1931", "10/03/1931", "3 Oct 1931", "3.10.1931", "Oct 3rd 1931"])
def test_a_birth_date_is_the_same_however_it_is_written(written: str) -> None:
    assert by_answers(proven(written)) == by_answers(proven("10/03/1931"))


@pytest.mark.parametrize("other", ["10/04/1931", "October 3", "10/03/1913", "31/06/1996", ""])
def test_another_birth_date_is_another(other: str) -> None:
    assert by_answers(proven(other)) != by_answers(proven("10/03/1931"))


def test_a_day_that_never_was_is_text_like_any_other() -> None:
    assert by_answers(proven("31/06/1996")) == by_answers(proven("31.6.1996")) is not None
