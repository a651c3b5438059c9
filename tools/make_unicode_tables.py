#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/embed/unicode_tables.generated.h: what BERT's normalizer does with every character.

The tables are read off the reference implementation (package `tokenizers`, 0.23), asked about one character after the
other, so that both agree on each of them. Run it with a Python that has the package; it prints the file.
"""
from tokenizers import normalizers, pre_tokenizers

HANGUL = range(0xAC00, 0xD7A4)  # taken apart by arithmetic


def normalizer(**on: bool) -> normalizers.BertNormalizer:
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    return normalizers.BertNormalizer(**(off | on))


def ranges(points: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for point in points:
        if found and found[-1][1] == point - 1:
            found[-1] = (found[-1][0], point)
        else:
            found.append((point, point))
    return found


def print_table(kind: str, name: str, comment: str, entries: list[str]) -> None:
    print(f"\n// {comment}\ninline constexpr {kind} {name}[] = {{")
    line = "   "
    for entry in entries:
        if len(line) + len(entry) > 98:
            print(line)
            line = "   "
        line += f" {entry},"
    print(line + "\n};")


def print_ranges(name: str, comment: str, points: list[int]) -> None:
    print_table("CharacterRange", name, comment, [f"{{0x{a:x}, 0x{b:x}}}" for a, b in ranges(points)])


def print_mappings(name: str, comment: str, mappings: dict[int, str]) -> None:
    entries = [f"{{0x{point:x}, {{{', '.join(f'0x{ord(c):x}' for c in to)}}}}}" for point, to in mappings.items()]
    print_table("CharacterMapping", name, comment, entries)


def main() -> None:
    clean, strip = normalizer(clean_text=True), normalizer(strip_accents=True)
    lower, split = normalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    dropped, blank, marks, punctuation = [], [], [], []
    bases, lowered = {}, {}
    for point in [*range(1, 0xD800), *range(0xE000, 0x110000)]:
        text = chr(point)

        def between_letters(rule: normalizers.Normalizer) -> str:
            return rule.normalize_str(f"a{text}b")[1:-1]

        cleaned = between_letters(clean)
        if cleaned != text:
            (blank if cleaned else dropped).append(point)
        base = between_letters(strip)
        if not base:
            marks.append(point)
        elif base != text and point not in HANGUL:
            bases[point] = base
        low = between_letters(lower)
        if low != text:
            lowered[point] = low
        if len(split.pre_tokenize_str(f"a{text}b")) == 3:
            punctuation.append(point)
    print("// SPDX-License-Identifier: Apache-2.0\n// Written by tools/make_unicode_tables.py; not edited by hand.\n"
          "// clang-format off\n#pragma once\n\n#include \"embed/unicode.h\"\n\nnamespace mynah::embed {")
    print_ranges("kDropped", "Control and format characters, which are left out.", dropped)
    print_ranges("kBlanks", "What counts as a blank.", blank)
    print_ranges("kMarks", "Marks upon other characters: accents and the like.", marks)
    print_ranges("kPunctuation", "What stands for a word by itself.", punctuation)
    print_mappings("kBases", "What is left of a character when its marks are taken off.", bases)
    print_mappings("kLowered", "Small letters of capital ones.", lowered)
    print("\n}  // namespace mynah::embed")


if __name__ == "__main__":
    main()
