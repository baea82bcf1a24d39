#!/usr/bin/env python3
"""The lint can fail: each rule finds its planted violation and leaves clean code alone."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import house

LONG = "static int f(int a)\n{\n" + "    a++;\n" * 90 + "    return a;\n}\n"


class House(unittest.TestCase):
    def found(self, check, name, text):
        with tempfile.TemporaryDirectory() as root:
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return list(check(root, [name]))

    def test_layers(self):
        self.assertTrue(self.found(house.layers, "core/a.c", '#include "dicom/dicom.h"\n'))
        self.assertTrue(self.found(house.layers, "core/a.c", "#include <gtk/gtk.h>\n"))
        self.assertTrue(self.found(house.layers, "plugin/a.c", '#include "gui/render.h"\n'))
        self.assertTrue(self.found(house.layers, "gui/a.c", '#include "dcmtk/dcmdata/dctk.h"\n'))
        self.assertTrue(self.found(house.layers, "core/net/cpu/a.c", "#include <cuda_runtime.h>\n"))
        self.assertFalse(self.found(house.layers, "dicom/a.cc", '#include "core/grid.h"\n#include "dcmtk/x.h"\n'))

    def test_sizes(self):
        self.assertTrue(self.found(house.sizes, "core/a.c", LONG))
        self.assertTrue(self.found(house.sizes, "core/a.c", "\n" * 601))
        seven = "void f(int a, int b, int c,\n       int d, int e, int f, int g)\n{\n}\n"
        self.assertTrue(self.found(house.sizes, "core/a.c", seven))
        six = "void f(int a, int b, int c, int d, int e, void (*g)(int, int))\n{\n}\n"
        self.assertFalse(self.found(house.sizes, "core/a.c", six))

    def test_banned(self):
        self.assertTrue(self.found(house.banned, "core/a.c", "double x = atof(text);\n"))
        self.assertFalse(self.found(house.banned, "core/a.c", '/* atof(text) */ f("atof(x)"); my_atof(x);\n'))
        self.assertFalse(self.found(house.banned, "tests/a.c", "g_assert(x);\n"))

    def test_readmes(self):
        self.assertTrue(self.found(house.readmes, "core/new/a.c", ""))
        self.assertTrue(self.found(house.readmes, "docs/a.md", ""))

    def test_privacy(self):
        self.assertTrue(self.found(house.privacy, "core/a.c", 'g_message("%s", name);\n'))
        self.assertTrue(self.found(house.privacy, "README.md", "see /" + "home/me/x\n"))
        self.assertFalse(self.found(house.privacy, "core/a.c", "int x;\n"))


if __name__ == "__main__":
    unittest.main()
