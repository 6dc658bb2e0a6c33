"""The commands in every language: each text has its translation, and Discord takes and keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.chat.languages import CATALOGS, Texts, read_catalogs
from bot.sandbox.discord_api import DiscordSandbox

Json = dict[str, Any]
Key = tuple[str | None, str]
TAGS = sorted(path.stem for path in CATALOGS.glob("*.po"))
SUBCOMMANDS = (1, 2)
MOST = {"option": 32, "choice": 100, None: 100}
"""Characters that Discord takes, by the context of a text."""
NAME = re.compile(r"[-_\w]+")
"""An option's name in the scripts of our languages; Devanagari and Thai have vowel signs beside."""

JOBS = ["Your videos: see them, cancel or repeat them", "See your latest jobs.",
    "See one job: how it is getting on, or the video that could not be posted.",
    "Cancel a job: free while it is queued; later the video service may still charge for it.",
    "Order the same video once more; it is charged once more, too.",
    "The job: choose from the list, or give its id", "job"]  # fmt: skip
SPANISH = ["Tus videos: verlos, cancelarlos o repetirlos", "Mira tus últimas tareas.",
    "Mira una tarea: cómo va, o el video que no se pudo publicar.",
    "Cancela una tarea: gratis mientras espera; después, el servicio de video aún puede cobrarla.",
    "Pide el mismo video otra vez; también se cobra otra vez.",
    "La tarea: elígela de la lista o indica su ID", "tarea"]  # fmt: skip
IN = {
    "de": ["Deine Videos: ansehen, abbrechen oder wiederholen", "Sieh dir deine letzten Aufträge an.",
        "Sieh dir einen Auftrag an: wie weit er ist, oder das Video, das nicht gepostet werden konnte.",
        "Brich einen Auftrag ab: kostenlos, solange er wartet; danach kann der Dienst ihn noch berechnen.",
        "Bestelle dasselbe Video noch einmal; es wird auch noch einmal berechnet.",
        "Der Auftrag: wähle ihn aus der Liste oder gib seine ID an", "auftrag"],
    "es-ES": SPANISH,
    "es-419": SPANISH,
    "fr": ["Tes vidéos\u00a0: les voir, les annuler ou les refaire", "Affiche tes dernières tâches.",
        "Affiche une tâche\u00a0: où elle en est, ou la vidéo qui n'a pas pu être publiée.",
        "Annule une tâche\u00a0: gratuit tant qu'elle attend\u00a0; ensuite, le service vidéo peut encore la facturer.",
        "Commande la même vidéo encore une fois\u00a0; elle sera aussi facturée encore une fois.",
        "La tâche\u00a0: choisis-la dans la liste ou donne son identifiant", "tâche"],
    "ja": ["自分の動画：確認、キャンセル、再注文", "最近のジョブを表示します。",  # noqa: RUF001
        "ジョブの進み具合、または投稿できなかった動画を表示します。",
        "ジョブをキャンセルします。待機中は無料ですが、その後は料金がかかることがあります。",
        "同じ動画をもう一度注文します。料金ももう一度かかります。",
        "ジョブ：一覧から選ぶか、IDを入力", "ジョブ"],  # noqa: RUF001
    "pt-BR": ["Seus vídeos: veja, cancele ou repita", "Veja suas tarefas mais recentes.",
        "Veja uma tarefa: como está indo, ou o vídeo que não pôde ser postado.",
        "Cancele uma tarefa: grátis enquanto está na fila; depois, o serviço de vídeo ainda pode cobrar.",
        "Peça o mesmo vídeo mais uma vez; ele também é cobrado mais uma vez.",
        "A tarefa: escolha na lista ou informe o ID", "tarefa"],
    "zh-CN": ["你的视频：查看、取消或重新生成", "查看你最近的任务。",  # noqa: RUF001
        "查看某个任务：它的进度，或未能发布的视频。",  # noqa: RUF001
        "取消任务：排队时免费；之后视频服务可能仍会收费。",  # noqa: RUF001
        "再次生成同样的视频；也会再次收费。",  # noqa: RUF001
        "任务：从列表中选择，或填写其 ID", "任务"],  # noqa: RUF001
}  # fmt: skip


def every(nodes: list[Json]) -> Iterator[Json]:
    """Commands with their subcommands and options."""
    for node in nodes:
        yield node
        yield from every(node.get("options", []))


def options(node: Json) -> list[Json]:
    """The options of a command that hold a value."""
    return [each for each in node.get("options", []) if each["type"] not in SUBCOMMANDS]


def texts(commands: list[Json]) -> Iterator[Key]:
    """Every text for people with its context; values such as 720p or viduq3-pro are the same in all languages."""
    for node in every(commands):
        yield None, node["description"]
        for option in options(node):
            yield "option", option["name"]
            yield from (("choice", each["name"]) for each in option.get("choices", []) if each["name"].isalpha())


def faults(catalog: Texts, commands: list[Json]) -> Iterator[str]:
    """What is wrong with a catalog, as its translator reads it."""
    wanted = set(texts(commands))
    yield from (f"lacks {text!r} ({context})" for context, text in sorted(wanted - catalog.keys(), key=str))
    yield from (f"has {text!r} ({context}) in vain" for context, text in sorted(catalog.keys() - wanted, key=str))
    for (context, _), text in catalog.items():
        if len(text) > MOST[context]:
            yield f"has {text!r}, which is longer than {MOST[context]}"
        if context == "option" and (not NAME.fullmatch(text) or text != text.lower()):
            yield f"has {text!r}, which is no name"
    for node in every(commands):
        names = [option["name"] for option in options(node)]
        for name in names:
            text = catalog.get(("option", name), name)
            if any(text in (other, catalog.get(("option", other))) for other in names if other != name):
                yield f"has {text!r} twice in {node['name']}"


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("tag", TAGS)
def test_a_catalog_is_whole_and_within_discords_limits(discord_api: DiscordSandbox, tag: str):
    """Every text that is registered, and no other; short enough, names as Discord wants them, none twice in a command."""
    assert list(faults(read_catalogs()[tag], discord_api.commands)) == []


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({("option", "size"): None}, "lacks 'size' (option)"),
        ({("choice", "fast"): None}, "lacks 'fast' (choice)"),
        ({(None, "The first frame"): None}, "lacks 'The first frame' (None)"),
        ({(None, "Make tea."): "Koche Tee."}, "has 'Make tea.' (None) in vain"),
        ({("choice", "fast"): "x" * 101}, f"has '{'x' * 101}', which is longer than 100"),
        ({(None, "The first frame"): "x" * 101}, f"has '{'x' * 101}', which is longer than 100"),
        ({("option", "size"): "x" * 33}, f"has '{'x' * 33}', which is longer than 32"),
        ({("option", "metadata"): "Metadaten"}, "has 'Metadaten', which is no name"),
        ({("option", "metadata"): "meta daten"}, "has 'meta daten', which is no name"),
        ({("option", "metadata"): "dauer"}, "has 'dauer' twice in video"),
        ({("option", "voice_id"): "bgm"}, "has 'bgm' twice in vidu"),
    ],
)
def test_a_planted_fault_is_found(discord_api: DiscordSandbox, change: Mapping[Key, str | None], fault: str):
    """What the test above would say."""
    planted = {key: text for key, text in {**read_catalogs()["de"], **change}.items() if text is not None}
    assert fault in faults(planted, discord_api.commands)


@pytest.mark.usefixtures("bot")
def test_one_command_as_discord_has_it_in_every_language(discord_api: DiscordSandbox):
    """All of /jobs: descriptions and option names translated, Spanish for both of its locales, names of commands as they are."""

    def described(number: int) -> Json:
        localized = {tag: translated[number] for tag, translated in IN.items()}
        return {"description": JOBS[number], "description_localizations": localized}

    def subcommand(name: str, number: int, *own: Json) -> Json:
        return {"type": 1, "name": name, "name_localizations": {}, "options": list(own), **described(number)}

    named = {"name": JOBS[6], "name_localizations": {tag: translated[6] for tag, translated in IN.items()}}
    job = {"type": 3, "required": True, "autocomplete": True, **named, **described(5)}
    (jobs,) = (each for each in discord_api.commands if each["name"] == "jobs")

    assert {key: jobs[key] for key in jobs if key not in ("id", "version", "application_id")} == {
        "type": 1,
        "name": "jobs",
        "name_localizations": {},
        **described(0),
        "options": [
            subcommand("list", 1),
            subcommand("show", 2, job),
            subcommand("cancel", 3, job),
            subcommand("again", 4, job),
        ],
        "default_member_permissions": None,
        "dm_permission": True,
        "contexts": [0, 1, 2],
        "integration_types": [0, 1],
        "nsfw": False,
    }


@pytest.mark.usefixtures("bot")
def test_every_command_has_room_for_all_languages(discord_api: DiscordSandbox):
    """Discord counts names, descriptions and values of a command, each in its longest language: 8,000 are allowed."""
    for command in discord_api.commands:
        nodes = list(every([command]))
        nodes += [choice for node in nodes for choice in node.get("choices", [])]
        longest = [
            max(len(text) for text in [node.get(key, ""), *node.get(f"{key}_localizations", {}).values()])
            for node in nodes
            for key in ("name", "description")
        ]
        values = [len(node["value"]) for node in nodes if isinstance(node.get("value"), str)]
        assert sum(longest) + sum(values) <= 8000, command["name"]


async def test_the_choices_of_autocomplete_are_the_same_in_all_languages(discord_api: DiscordSandbox, bot: object):
    """Discord ignores translations there (api-docs#6922), so that a choice of /sora is a bare number, as in /veo."""
    assert bot
    offered = await discord_api.autocomplete("newcomer", "general", "sora", {"seconds": "1"}, focused="seconds")
    assert offered == [{"name": str(number), "value": number} for number in (10, 12, 15)]
