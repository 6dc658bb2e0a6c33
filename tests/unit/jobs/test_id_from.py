"""Ids that two processes agree on."""

from bot.jobs.job import id_from, new_id


def test_the_same_secret_gives_the_same_id():
    """One interaction is one row, whichever process hears of it; another one is another row."""
    ids = {id_from(f"token {number}") for number in range(1000)}
    assert len(ids) == 1000
    assert id_from("token 7") in ids
    assert {len(each) for each in ids} == {12}


def test_both_kinds_of_ids_look_alike():
    """The same signs in either, none of them easily mistaken for another."""
    signs = set("".join(id_from(str(number)) + new_id() for number in range(300)))
    assert signs == set("23456789abcdefghjkmnpqrstuvwxyz")
