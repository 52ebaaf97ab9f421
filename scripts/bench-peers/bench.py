"""Run by run.sh: bench.py SECONDS ROUNDS ONLY. Starts stores, gateways and peers, compares
what they answer, asks each in turn with wrk, and prints medians as tables."""
import datetime
import json
import os
import re
import statistics
import subprocess
import sys

import questions as ask
import servers as stack
from servers import BUILT, HERE, WORK

SECONDS, ROUNDS = int(sys.argv[1]), int(sys.argv[2])
ONLY = set(filter(None, sys.argv[3].split(",")))
PARTS, QUERIES = {"peers", "callers", "sqlite"}, {f"Q{n}" for n in range(1, 8)}
MEDIANS = {}  # by server, or server and caller, and question
ERRORS = 0


def wanted(name):
    """Whether a part or a query is asked for; nothing said of its sort is all of it."""
    said = ONLY & (PARTS if name in PARTS else QUERIES)
    return not said or name.split()[0] in said


class Asking:
    """A question to a server as a caller. tokens is a file of them, of which each request
    takes one."""

    def __init__(self, name, server, question, token=None, tokens=None):
        self.name, self.server, self.question, self.rows = name, server, question, []
        self.token, self.tokens = token or server.token, tokens
        values = f"{WORK}/values-{id(self)}"
        if question.times > 1:
            values = ask.cursors(server, token)
        else:
            with open(values, "w") as file:
                file.write("".join(v + "\n" for v in question.values))
        self.env = {
            "BODY": question.body, "VALUES": values, "TOKEN": self.token,
            **({"TOKENS": tokens} if tokens else {}), **({"IN_TURN": "1"} if question.times > 1 else {}),
        }

    def run(self, seconds, seed, database):
        """One round of wrk. Objects are counted outside of the time that is measured."""
        server, times = self.server, self.question.times
        made = server.count and server.count()
        computed, beside = stack.cpu(server.process), stack.cpu(database)
        command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{self.question.connections}", f"-d{seconds}s", "--timeout", "10s", "-s", f"{HERE}/ask.lua", server.url]
        out = subprocess.run(command, env={**os.environ, **self.env, "SEED": str(seed)}, capture_output=True, text=True, check=True).stdout
        computed, beside = stack.cpu(server.process) - computed, stack.cpu(database) - beside
        made = server.count and server.count() - made
        row = json.loads(out.strip().splitlines()[-1])
        n = max(row["requests"], 1) / times
        return {
            "rps": n / row["us"] * 1e6, "p50": row["p50"] / 1000, "p99": row["p99"] / 1000, "cpu": computed / n * 1e6, "db": beside / n * 1e6,
            "kB": row["bytes"] / n / 1000, "mallocs": made and made / n, "errors": row["errors"], "rss": server.rss(),
        }

    def median(self):
        m = {k: statistics.median(row[k] for row in self.rows) if self.rows[0][k] is not None else None for k in self.rows[0]}
        return {**m, "errors": sum(row["errors"] for row in self.rows)}


def measure(title, asked, database):
    """Asks in turn, round by round, and prints a row for each of the list of lists: of a
    question to several servers, or as several callers. The first one is what the others are
    compared with."""
    global ERRORS
    print(f"\n## {title}\n")
    print("| query | asked | requests/s | p50 ms | p99 ms | CPU µs/request | × | database CPU µs | allocations | answer kB | errors | RSS MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for group in asked:
        for one in group:
            one.run(min(2, SECONDS), 0, database)
        for turn in range(ROUNDS):
            for one in group:
                one.rows.append(one.run(SECONDS, turn + 1, database))
        first = group[0].median()
        for one in group:
            m = MEDIANS[one.name, one.question.name] = one.median()
            ERRORS += m["errors"]
            mallocs = "" if m["mallocs"] is None else f"{m['mallocs']:,.0f}"
            rate = f"{m['rps']:.0f}" if m["rps"] >= 20 else f"{m['rps']:.1f}"
            name = one.question.name + (", a walk" if one.question.times > 1 else "")
            print(
                f"| {name} | {one.name} | {rate} | {m['p50']:.2f} | {m['p99']:.2f} | {m['cpu']:,.0f} | {ratio(first['cpu'], m['cpu'])}"
                f" | {m['db']:,.0f} | {mallocs} | {m['kB']:,.1f} | {m['errors']} | {m['rss']:.0f} |", flush=True,
            )


def ratio(a, b):
    return f"{a / b:.2f}" if a and b else ""


def table_of_ratios(us, hand, others):
    """What the gateway takes as a multiple of what a peer takes."""
    print(f"\n## Ratios\n\n| query | CPU / {hand} | p50 / {hand} | allocations / {hand} | database CPU / {hand} | " + " | ".join(f"CPU / {o}" for o in others) + " |")
    print("|---" * (5 + len(others)) + "|")
    for name in sorted(QUERIES):
        of = {server: MEDIANS.get((server, name)) for server in (us, hand, *others)}
        if not of[us]:
            continue
        cells = [ratio(of[us][k], of[hand] and of[hand][k]) for k in ("cpu", "p50", "mallocs", "db")]
        cells += [ratio(of[us]["cpu"], of[o] and of[o]["cpu"]) for o in others]
        print(f"| {name} | " + " | ".join(cells) + " |")


def said_by(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def about():
    """When and on what it is measured, as a list."""
    with open("/proc/cpuinfo") as info:
        processor = next((l.split(":")[1].strip() for l in info if l.startswith("model name")), "an unknown processor")
    with open(f"{HERE}/gohandler/go.mod") as module:
        driver = re.search(r"mongo-driver/v2 (v\S+)", module.read())[1]
    with open(f"{HERE}/peers/package.json") as package:
        packages = ", ".join(f"{name} {version}" for name, version in json.load(package)["dependencies"].items())
    go = re.search(r"go\d\S*", said_by(os.environ.get("GO", "go"), "version", f"{BUILT}/gateway"))[0]
    commit = said_by("git", "-C", HERE, "rev-parse", "--short", "HEAD") + (", changed" if said_by("git", "-C", HERE, "status", "--porcelain") else "")
    print(f"- {datetime.date.today()}, {os.cpu_count()} cores of {processor}; rounds of {SECONDS} s: {ROUNDS}; load average before: {os.getloadavg()[0]:.1f}")
    print(f"- gateway {commit}; {go}; {said_by(os.environ['MONGOD'], '--version').splitlines()[0].replace('db version v', 'MongoDB ')}; by hand: MongoDB's Go driver {driver}")
    print(f"- Node {said_by('node', '--version')}; {packages}; {said_by('wrk', '-v').splitlines()[0].split(' [')[0]}\n", flush=True)


def peers(on_mongo, stores, asked, ready):
    small = [q for q in asked if q.name in ("Q1", "Q2", "Q3")]
    programs = {"Mercurius": "mercurius", "Apollo Server": "apollo"} if small else {}
    by_hand = stack.by_hand("Go by hand", stores.plain, ready)
    in_node = [stack.in_node(name, program, stores.plain, ready) for name, program in programs.items()]
    ask.compare([on_mongo, by_hand, *in_node], small)
    ask.compare([on_mongo, by_hand], [q for q in asked if q not in small])
    groups = [[Asking(s.name, s, q) for s in (on_mongo, by_hand, *(in_node if q in small else []))] for q in asked]
    measure("On MongoDB", groups, stores.mongod)
    table_of_ratios(on_mongo.name, by_hand.name, [s.name for s in in_node])


def as_callers(on_mongo, stores, callers, asked):
    """The gateway alone. × is what staff take as a multiple of what the caller takes."""
    groups = []

    def pair(question, name, staff=None, token=None, tokens=None):
        if not wanted(question.name):
            return
        if question.times > 1:
            ask.walk(question, on_mongo), ask.walk(question, on_mongo, token)
        else:
            for asker in [token] if token else stack.lines("portal"):
                for body in question.bodies(20):
                    data = on_mongo.data(body, asker)
                    if not list(data.values())[0]:
                        sys.exit(f"{name} gets nothing for {body[:300]}")
        groups.append([Asking("staff", on_mongo, staff or question), Asking(name, on_mongo, question, token=token, tokens=tokens)])

    for question in ask.of_people(asked):
        pair(question, "partner, one source", token=callers.by_source)
    pair(ask.of_partner(), "partner, own customers", token=callers.by_own)
    for name in "Q1", "Q4":
        own, staff = ask.of_portal(name, callers.customers)
        pair(own, "customer in the portal", staff=staff, tokens=f"{WORK}/portal")
    measure("Other callers of the gateway on MongoDB, beside staff who ask the same", groups, stores.mongod)
    print("\n| query | caller | CPU / staff | p50 / staff | allocations / staff | database CPU / staff |\n|---|---|---|---|---|---|")
    for staff, other in groups:
        a, b = other.median(), staff.median()
        print(f"| {other.question.name} | {other.name} | " + " | ".join(ratio(a[k], b[k]) for k in ("cpu", "p50", "mallocs", "db")) + " |")


def main():
    if unknown := ONLY - PARTS - QUERIES:
        sys.exit(f"bench-peers: {', '.join(sorted(unknown))}: ONLY takes {', '.join(sorted(PARTS | QUERIES))}")
    about()
    stores = stack.Stores()
    callers = stack.Callers(stores)
    every = ask.questions()
    asked = [q for q in every.values() if wanted(q.name)]
    ready = every["Q1"].bodies(1)[0]
    if wanted("peers") or wanted("callers"):
        on_mongo = stack.gateway("gateway", stores.mongo, callers.staff, ready)
    if wanted("peers"):
        peers(on_mongo, stores, asked, ready)
    if wanted("callers"):
        as_callers(on_mongo, stores, callers, every)
    if wanted("sqlite"):
        on_sqlite = stack.gateway("gateway, SQLite", stores.sqlite, callers.staff, ready)
        structs = stack.by_hand("Go by hand, structs", stores.plain, ready, "-memory")
        beside = [q for q in asked if q.name in ("Q1", "Q2")]
        ask.compare([on_sqlite, structs], beside)
        groups = [[Asking(s.name, s, q) for s in (on_sqlite, structs)] for q in beside]
        groups += [[Asking(on_sqlite.name, on_sqlite, q)] for q in asked if q.name == "Q4"]
        measure("On SQLite, and without a database", groups, stores.mongod)
    if ERRORS:
        sys.exit(f"bench-peers: {ERRORS} requests were answered with an error")


main()
