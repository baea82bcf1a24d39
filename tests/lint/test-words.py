#!/usr/bin/env python3
"""The lint of words can fail: what a person would read in English for ever is found, and nothing else."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import words


class Words(unittest.TestCase):
    def test_literals(self):
        for text in ('gtk_label_new("Masks");', 'gtk_widget_set_tooltip_text(a(b, c), "Left drag");',
                     'g_strdup_printf("Loading phase %u of %u", a, b);', 'gtk_button_set_label(b, x ? "Stop" : _("Run"));',
                     'dkm_reading_message(self, KIND,\n    "The mask is empty.");', 'g_set_error(e, D, C, "there is no %s", s);'):
            self.assertTrue(list(words.unmarked("gui/a.c", text)), text)
        for text in ('gtk_label_new(_("Masks"));', 'gtk_label_new("");', 'gtk_label_new("%.1f mm");',
                     'g_strdup_printf("win.edit(%d)", edit);', 'g_strdup_printf("%s-%s.dcm", a, b);',
                     'dkm_panel_label(_("Phases"), "dim");', 'gtk_label_new(ngettext("%u slice", "%u slices", n));',
                     '/* not translated */\ng_strdup_printf("weights of %s", w);', 'gtk_label_new(look(")", "a word"));'):
            self.assertFalse(list(words.unmarked("gui/a.c", text)), text)

    def tree(self, listed, shown='_("a mask")'):
        with tempfile.TemporaryDirectory() as root:
            text = f'f(_("a mask"));\ngtk_label_new({shown});\n'
            for name, held in {"gui/a.c": text, "resources/po/POTFILES": listed}.items():
                os.makedirs(os.path.dirname(os.path.join(root, name)))
                with open(os.path.join(root, name), "w", encoding="utf-8") as file:
                    file.write(held)
            return list(words.check_sources(root))

    def test_list(self):
        self.assertFalse(self.tree("gui/a.c\n"))
        self.assertTrue(self.tree("gui/a.c\n", '"two masks"'))
        self.assertTrue(self.tree(""))
        self.assertTrue(self.tree("gui/a.c\ngui/gone.c\n"))


if __name__ == "__main__":
    unittest.main()
