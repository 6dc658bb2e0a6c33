"""Ids that two processes agree on."""

from bot.jobs.job import id_from


def test_the_same_secret_gives_the_same_id():
    """One interaction is one row, whichever process hears of it; another one is another row."""
    ids = {id_from(f"token {number}") for number in range(1000)}
    assert len(ids) == 1000
    assert id_from("token 7") in ids
    assert {len(each) for each in ids} == {12}


def test_no_sign_is_easily_mistaken_for_another():
    """People read ids to each other."""
    signs = set("".join(id_from(str(number)) for number in range(300)))
    assert signs == set("23456789abcdefghjkmnpqrstuvwxyz")
