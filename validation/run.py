#!/usr/bin/env python3
"""run.py [--quick] LERAY FOLDER [NAME..] - all validations, or those named; prints one table each. Runs that are there
already are not repeated: remove FOLDER to begin anew. --quick: on small grids, within seconds."""
import importlib
import os
import sys

from common import Lab, passes, report, save

NAMES = ["taylor_green", "comte_bellot_corrsin", "kolmogorov", "mcwilliams"]


def main():
    arguments = [a for a in sys.argv[1:] if a != "--quick"]
    lab = Lab(os.path.abspath(arguments[0]), os.path.abspath(arguments[1]), "--quick" in sys.argv)
    missed = 0
    for name in arguments[2:] or NAMES:
        checks = importlib.import_module(name).checks(lab)
        missed += sum(passes(c) is False for c in checks)
        save(lab, name, checks)
        print("\n## %s\n\n%s" % (name, report(checks)), flush=True)
    print("\n%d missed" % missed)
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
