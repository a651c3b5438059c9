#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of the gate that nobody would write by hand: known_words.generated.h and han.generated.h.

    make_tables.py TOKENIZER_JSON

needs uconv (icu-devtools) for simplified forms and readings of Chinese characters, and the word lists of wamerican and
wamerican-large. TOKENIZER_JSON is the tokenizer of the embedded English model: its whole words add names. The tables
are kept in the repository, so a build needs none of this.
"""
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
MASK = (1 << 64) - 1
LETTERS = re.compile("[a-z]{3,15}")
HEAD = """// SPDX-License-Identifier: Apache-2.0
// {about}
// Written by make_tables.py.
#pragma once

"""


def hash_of(word: str, seed: int) -> int:
    value = 0xCBF29CE484222325 ^ seed
    for byte in word.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & MASK
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return value ^ value >> 33


def words_in(text: str) -> set[str]:
    return {word for word in text.split() if LETTERS.fullmatch(word)}


def bases(words: set[str]) -> set[str]:
    """The words that are no regular form of another one."""
    def is_form(word: str) -> bool:
        ends = [("s", ""), ("es", ""), ("ies", "y"), ("ed", "e"), ("ed", ""), ("ied", "y"), ("ing", ""), ("ing", "e"),
                ("ly", ""), ("ness", "")]
        stems = [word[:-len(end)] + instead for end, instead in ends if word.endswith(end)]
        stems += [word[:-len(end) - 1] for end in ("ed", "ing")
                  if word.endswith(end) and len(word) > len(end) + 3 and word[-len(end) - 1] == word[-len(end) - 2]]
        return any(len(stem) >= 3 and stem in words for stem in stems)

    return {word for word in words if not is_form(word)}


def shortened(word: str) -> set[str]:
    return {word} | {word[:at] + word[at + 1:] for at in range(len(word))}


def known_words(tokenizer: Path) -> set[str]:
    """Common words, and those rare ones that could be taken for a slip in a common one."""
    dictionaries = [Path("/usr/share/dict") / name for name in ("american-english", "american-english-large")]
    common, all_words = (path.read_text(encoding="utf-8") for path in dictionaries)
    common, all_words = words_in(common.lower()), words_in(all_words)  # no rare names
    common |= words_in(" ".join(json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]))
    near = set()
    for word in common:
        near |= shortened(word) if len(word) >= 4 else set()
    rare = bases(all_words | common) - common
    return bases(common) | {word for word in rare if len(word) >= 5 and not near.isdisjoint(shortened(word))}


def xor_filter(words: set[str]) -> tuple[int, int, list[int]]:
    """An xor filter with five bits a slot: seed, slots of each of its three blocks, and the slots."""
    block = int(len(words) * 1.23 / 3) + 11
    for seed in range(100):
        hashes = {hash_of(word, seed) for word in words}
        places = {value: [(value >> 19 * i & 0x7FFFF) % block + block * i for i in range(3)] for value in hashes}
        holders: dict[int, set[int]] = defaultdict(set)
        for value, slots in places.items():
            for slot in slots:
                holders[slot].add(value)
        single, order = [slot for slot, held in holders.items() if len(held) == 1], []
        while single:
            slot = single.pop()
            if len(holders[slot]) != 1:
                continue
            value = holders[slot].pop()
            order.append((value, slot))
            for other in places[value]:
                holders[other].discard(value)
                if len(holders[other]) == 1:
                    single.append(other)
        if len(order) == len(hashes):
            table = [0] * (3 * block)
            for value, slot in reversed(order):
                table[slot] = value >> 59
                for other in places[value]:
                    if other != slot:
                        table[slot] ^= table[other]
            return seed, block, table
    raise SystemExit("no seed separates the words")


def write_known_words(tokenizer: Path) -> None:
    words = known_words(tokenizer)
    seed, block, table = xor_filter(words)
    table += [0] * (-len(table) % 12)
    numbers = [sum(table[at + i] << 5 * i for i in range(12)) for at in range(0, len(table), 12)]
    lines = [", ".join(f"0x{number:016x}" for number in numbers[at:at + 5]) for at in range(0, len(numbers), 5)]
    (HERE / "known_words.generated.h").write_text(
        HEAD.format(about=f"{len(words)} English words as an xor filter of five bits a slot. From SCOWL, Copyright "
                    "2000-2020\n// by Kevin Atkinson (used under its permissive notice), and the words of the model.")
        + "#include <cstdint>\n\n"
        f"inline constexpr std::uint64_t kKnownWordsSeed = {seed};\n"
        f"inline constexpr std::uint64_t kKnownWordsBlock = {block};\n"
        "inline constexpr std::uint64_t kKnownWords[] = {\n    " + ",\n    ".join(lines) + "};\n", encoding="utf-8")


def converted(characters: list[str], transform: str) -> list[str]:
    done = subprocess.run(["uconv", "-f", "utf-8", "-t", "utf-8", "-x", transform], input="\n".join(characters),
                          capture_output=True, text=True, check=True)
    return done.stdout.split("\n")


def literal(text: str) -> str:
    return "\n".join(f'    u"{text[at:at + 44]}"' for at in range(0, len(text), 44))


def write_han() -> None:
    big5 = [bytes([high, low]).decode("big5", "ignore") for high in range(0xA4, 0xC7) for low in range(0x40, 0xFF)]
    big5 = sorted({char for char in big5 if "\u4e00" <= char <= "\u9fff"})
    pairs = [(char, simple) for char, simple in zip(big5, converted(big5, "Traditional-Simplified"))
             if simple != char and len(simple) == 1]
    common = [bytes([high, low]).decode("gb2312", "ignore") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)]
    common = [char for char in common if len(char) == 1]
    readings: dict[str, str] = defaultdict(str)
    for char, reading in zip(common, converted(common, "Han-Latin")):
        readings[reading] += char
    groups = [group for _, group in sorted(readings.items()) if len(group) > 1]
    (HERE / "han.generated.h").write_text(
        HEAD.format(about="Chinese characters, from the transliterators of ICU (Copyright Unicode, Inc.; Unicode "
                    "License v3).")
        + "#include <string_view>\n\n"
        "// A traditional character, its simplified one, and so on, in the order of the traditional ones.\n"
        f"inline constexpr std::u16string_view kSimplified =\n{literal(''.join(a + b for a, b in pairs))};\n\n"
        "// Common characters of one reading and tone stand together; a blank ends a group.\n"
        f"inline constexpr std::u16string_view kReadings =\n{literal(' '.join(groups))};\n", encoding="utf-8")


if __name__ == "__main__":
    write_known_words(Path(sys.argv[1]))
    write_han()
