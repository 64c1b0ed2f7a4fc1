"""python -m unittest"""

import csv
import pathlib
import unittest

from task_names import task_name

VECTORS = pathlib.Path(__file__).parent.parent / "task-names.csv"


class TaskNamesTest(unittest.TestCase):
    def test_the_name_follows_from_queue_and_key(self):
        with VECTORS.open(newline="") as file:
            vectors = list(csv.DictReader(file))
        self.assertGreater(len(vectors), 10)
        for vector in vectors:
            with self.subTest(key=vector["key"]):
                self.assertEqual(vector["name"], task_name(vector["queue"], vector["key"]))

    def test_other_characters_are_no_key(self):
        for key in ("", "a b", "a/b", "a.b", "ä", "a\n", "a" * 501):
            with self.subTest(key=key), self.assertRaises(ValueError):
                task_name("order-tasks", key)


if __name__ == "__main__":
    unittest.main()
