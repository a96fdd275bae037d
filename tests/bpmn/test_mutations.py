"""Does a damaged file ever raise, hang or hide where it is damaged?"""

import copy
import random
from collections.abc import Callable
from time import perf_counter

import pytest
from lxml import etree
from support.rich_diagram import RICH

from bpmn import parse
from bpmn.interchange import contents

NO_LINE = {"empty-file", "file-too-large", "too-many-elements"}
TEXTS = [
    "",
    "=",
    "=1 +",
    "${",
    "${a}",
    "x y",
    "-1",
    "PT",
    "R0/PT1S",
    "true",
    "\u202e",
    "a:b",
    "=" + "(" * 400,
    "9" * 5000,
    "f1",
    "order",
    "check",
]


def elements(root: etree._Element) -> list[etree._Element]:
    return [element for element in root.iter() if isinstance(element.tag, str)]


def drop_element(root: etree._Element, pick: random.Random) -> None:
    element = pick.choice(elements(root)[1:])
    element.getparent().remove(element)


def drop_attribute(root: etree._Element, pick: random.Random) -> None:
    element = pick.choice([e for e in elements(root) if e.attrib])
    del element.attrib[pick.choice(list(element.attrib))]


def change_attribute(root: etree._Element, pick: random.Random) -> None:
    element = pick.choice([e for e in elements(root) if e.attrib])
    element.set(pick.choice(list(element.attrib)), pick.choice(TEXTS))


def swap_attributes(root: etree._Element, pick: random.Random) -> None:
    one, two = (pick.choice([e for e in elements(root) if e.attrib]) for _ in range(2))
    value = two.get(pick.choice(list(two.attrib)))
    one.set(pick.choice(list(one.attrib)), value)


def change_text(root: etree._Element, pick: random.Random) -> None:
    pick.choice(elements(root)).text = pick.choice(TEXTS)


def rename_element(root: etree._Element, pick: random.Random) -> None:
    one, two = pick.choice(elements(root)), pick.choice(elements(root))
    one.tag = pick.choice([two.tag, one.tag + "X", etree.QName(one).localname])


def copy_element(root: etree._Element, pick: random.Random) -> None:
    pick.choice(elements(root)).append(copy.deepcopy(pick.choice(elements(root)[1:])))


def move_element(root: etree._Element, pick: random.Random) -> None:
    element = pick.choice(elements(root)[1:])
    target = pick.choice([e for e in elements(root) if element not in [e, *e.iterancestors()]])
    target.append(element)


CHANGES: list[Callable[[etree._Element, random.Random], None]] = [
    drop_element,
    drop_attribute,
    change_attribute,
    swap_attributes,
    change_text,
    rename_element,
    copy_element,
    move_element,
]


def damaged(seed: int) -> bytes:
    pick = random.Random(seed)
    root = etree.fromstring(RICH)
    for _ in range(pick.randint(1, 4)):
        pick.choice(CHANGES)(root, pick)
    data = bytearray(etree.tostring(root))
    for _ in range(pick.choice([0, 0, 0, 1, 3])):
        data[pick.randrange(len(data))] = pick.randrange(256)
    return bytes(data[: pick.randrange(len(data))] if pick.random() < 0.05 else data)


def test_the_undamaged_file_is_read(all_elements_run: None) -> None:
    parsed = parse(RICH, file="a.bpmn")
    assert parsed.errors == () and len(parsed.processes[0].nodes) == 30


@pytest.mark.parametrize("block", range(10))
def test_damaged_files_give_problems_with_lines(block: int) -> None:
    for seed in range(block * 40, block * 40 + 40):
        data = damaged(seed)
        began = perf_counter()
        parsed = parse(data, file="a.bpmn")
        assert perf_counter() - began < 5
        contents(data)
        assert parsed.processes == () if parsed.errors else parsed.processes
        for problem in parsed.problems:
            assert problem.message and problem.advice and problem.rule, seed
            assert problem.line is not None or problem.rule in NO_LINE, (seed, problem)
