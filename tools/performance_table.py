#!/usr/bin/env python3
"""performance_table.py FILE - the lines of perf_operators as the tables of docs/performance.md."""
import json
import sys

lines = [json.loads(line) for line in open(sys.argv[1]) if line.startswith("{")]


def number(x, digits=0):
    return "-" if x is None else "%.*f" % (digits, x)


def ratio(a, b):
    return "-" if not a or not b else "%.1f" % (a / b)


print("| case | threads | step, ms | floor | share of it | PyTorch | ratio | inference | PyTorch | ratio "
      "| memory, MiB | PyTorch | ratio |")
print("| --- " * 13 + "|")
for d in lines:
    peer, infer, rss = d.get("peer_ms"), d.get("peer_infer_ms"), d.get("peer_rss_mib")
    print("| " + " | ".join([
        "`%s`" % d["name"], str(d["threads"]), number(d["ours_ms"], 1), number(d["floor_ms"], 1),
        "%.0f %%" % (100 * d["floor_ms"] / d["ours_ms"]), number(peer), ratio(peer, d["ours_ms"]),
        number(d["infer_ms"], 1), number(infer), ratio(infer, d["infer_ms"]),
        number(d["rss_mib"]), number(rss), "-" if not rss else "%.2f" % (d["rss_mib"] / rss)]) + " |")
