#!/usr/bin/env python3
"""The words that a person reads are marked for translation. Usage: words.py ROOT

Prints one line a violation, "file:line: what", and exits 1 where there is any. Looks at what the files of gui/ in
resources/po/POTFILES hand to functions that show it, and at that list itself; whether all words are translated is
tests/gui/po.py's business. A text for a file alone (DICOM, JSON) says so: /* not translated */ on its line or the one
before.
"""
import os
import re
import sys

SOURCES = ("core", "dicom", "gui", "plugin")
PO = "resources/po"
LITERAL = r'"(?:\\.|[^"\\\n])*"'
MARKED = re.compile(r"(?<![A-Za-z0-9_])(?:_|N_|C_|NC_|ngettext)\(\s*\"")
EXEMPT = "/* not translated */"

# Which of its arguments a function shows to a person. Only of gui/: what core and dicom say to the command line alone need
# no translation.
SHOWN = {
    "gtk_label_new": (0,), "gtk_label_set_text": (1,), "gtk_label_set_markup": (1,), "gtk_button_new_with_label": (0,),
    "gtk_button_new_with_mnemonic": (0,), "gtk_toggle_button_new_with_label": (0,), "gtk_check_button_new_with_label": (0,),
    "gtk_button_set_label": (1,), "gtk_widget_set_tooltip_text": (1,), "gtk_entry_set_placeholder_text": (1,),
    "gtk_message_dialog_new": (4,), "gtk_message_dialog_format_secondary_text": (1,), "gtk_dialog_add_buttons": (1, 3, 5),
    "gtk_dialog_add_button": (1,), "gtk_dialog_new_with_buttons": (0, 4, 6), "gtk_info_bar_add_button": (1,),
    "gtk_file_chooser_native_new": (0, 3, 4), "gtk_file_filter_set_name": (1,), "gtk_combo_box_text_append_text": (1,),
    "gtk_combo_box_text_append": (2,), "gtk_color_button_set_title": (1,), "gtk_progress_bar_set_text": (1,),
    "gtk_expander_new": (0,), "gtk_window_set_title": (1,), "gtk_menu_item_new_with_label": (0,), "g_menu_append": (1,),
    "atk_object_set_name": (1,), "atk_object_set_description": (1,), "dkm_panel_label": (0,), "dkm_panel_section": (0,),
    "dkm_panel_button": (0,), "dkm_panel_name": (1,), "dkm_panel_sentences": (0,), "dkm_reading_message": (2,),
    "g_set_error": (3,), "g_set_error_literal": (3,), "g_strdup_printf": (0,), "g_strdup": (0,), "new_chooser": (1, 3),
}
CALL = re.compile(r"(?<![A-Za-z0-9_])(" + "|".join(SHOWN) + r")\(")
# One name in every language; and what DICOM gets.
NAMES = {"DKM Viewer", "Dice %.2f", "Dice %.3f"}
FOR_FILES = ("weights sha256 ", "viewer, stage ")


def arguments(text, at):
    """The arguments of the call whose bracket opens before AT, as text; strings and nested brackets are kept whole."""
    found, depth, start = [], 0, at
    while at < len(text):
        c = text[at]
        if c == '"':
            at += len(re.match(LITERAL, text[at:]).group(0)) - 1 if re.match(LITERAL, text[at:]) else 0
        elif c == "'":
            at += 2 if text[at + 1] == "\\" else 1
            at += 1
        elif c in "([{":
            depth += 1
        elif c in ")]}" and depth:
            depth -= 1
        elif c == ")":
            return found + [text[start:at]]
        elif c == "," and not depth:
            found.append(text[start:at])
            start = at + 1
        at += 1
    return found


def words_of(argument):
    """The words of ARGUMENT's literals that no macro marks; "" where a person would see none."""
    bare = re.sub(r"(?<![A-Za-z0-9_])(?:_|N_|C_|ngettext)\((?:[^()\"]|" + LITERAL + r"|\([^()]*\))*\)", "", argument)
    bare = re.sub(r"[A-Za-z_0-9]+\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]", "", bare)
    text = "".join(token[1:-1] for token in re.findall(LITERAL, bare))
    plain = re.sub(r"%[-+ #0-9.*]*(?:hh|h|ll|l|z)?[a-zA-Z%]|\\.|<[^>]*>", " ", text)
    if text in NAMES or text.startswith(FOR_FILES) or not re.search(r"[A-Za-z]{3}", plain):
        return ""
    return text if re.search(r"[A-Za-z]{3}[^A-Za-z0-9_]+[A-Za-z]{2}|^ *[A-Z][a-z]{2}", plain) or " " not in text else ""


def unmarked(name, text):
    """Literals that a person would read in English for ever."""
    lines = text.splitlines()
    for call in CALL.finditer(text):
        number = text.count("\n", 0, call.start()) + 1
        if EXEMPT in lines[number - 1] or (number > 1 and EXEMPT in lines[number - 2]):
            continue
        given = arguments(text, call.end())
        for k in SHOWN[call.group(1)]:
            words = words_of(given[k]) if k < len(given) else ""
            is_key = call.group(1).startswith("g_strdup") and " " not in words.strip()
            if words and not is_key:
                yield f'{name}:{number}: not marked for translation: "{words}"'


def sources(root):
    for folder in SOURCES:
        for path, _, names in sorted(os.walk(os.path.join(root, folder))):
            for name in sorted(names):
                if name.endswith((".c", ".cc")):
                    yield os.path.relpath(os.path.join(path, name), root)


def listed(root):
    with open(os.path.join(root, PO, "POTFILES"), encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def check_sources(root):
    names = listed(root)
    for name in names:
        if not os.path.exists(os.path.join(root, name)):
            yield f"{PO}/POTFILES: {name} does not exist"
    for name in sources(root):
        with open(os.path.join(root, name), encoding="utf-8") as file:
            text = file.read()
        if MARKED.search(text) and name not in names:
            yield f"{PO}/POTFILES: {name} has marked words and is not listed"
        if name.startswith("gui/") and name in names:
            yield from unmarked(name, text)


def main():
    root = sys.argv[1]
    problems = list(check_sources(root))
    print("\n".join(problems) if problems else "words: nothing to complain about")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
