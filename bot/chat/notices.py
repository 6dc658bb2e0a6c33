"""What a first answer says while there is no job yet, and how it ends where there comes none of it."""

from __future__ import annotations

import discord
from discord import ui

from bot.chat.cards import SENTENCE_LIMIT, Card, title
from bot.chat.words import escape
from bot.jobs.job import Job
from bot.jobs.promise import Promise

INTERRUPTED = "The bot was interrupted while it checked this. Nothing was charged: please give the command again."
_STILL_HELD = "The bot was interrupted while it fetched this video. It is still held: look at `/jobs show`."


def checking(command: str) -> Card:
    """The first answer: the request is looked at, and nothing has been ordered.

    Should the bot die before the job is saved, nobody is left to change this card: it says itself what to do then.
    """
    sentence = "If this does not change, look at `/jobs list` before you try again."
    return _notice(command, "Checking", f"Your request is being checked. Nothing has been ordered yet. {sentence}")


def not_ordered(command: str, sentence: str) -> Card:
    """The end of a request that became no job."""
    return _notice(command, "Not ordered", escape(sentence, SENTENCE_LIMIT), discord.Colour.red())


def bringing(job: Job) -> Card:
    """The first answer to a wish to have a held video here: until the row is saved, nothing has changed."""
    sentence = "The video is being fetched from where it is held. If this does not change, look at `/jobs show`."
    return _notice(job.command, "Checking", sentence)


def not_moved(job: Job) -> Card:
    """The end of a wish that another came before."""
    sentence = "This video was asked for a moment earlier: look at `/jobs show` for where it goes."
    return _notice(job.command, "Not posted here", sentence)


def broken(promise: Promise) -> Card:
    """The end of a card whose promise nobody kept."""
    if promise.held_id:
        return _notice(promise.command, "Not posted here", _STILL_HELD)
    return not_ordered(promise.command, INTERRUPTED)


def uncertain(command: str) -> Card:
    """The database broke just as the job was saved: only the list of jobs can tell."""
    sentence = "It is not certain that this was ordered: look at `/jobs list` before you try again."
    return _notice(command, "Unconfirmed", sentence, discord.Colour.orange())


def _notice(command: str, word: str, sentence: str, colour: discord.Colour | None = None) -> Card:
    return Card(ui.Container(ui.TextDisplay(title(command, word)), ui.TextDisplay(sentence), accent_colour=colour))
