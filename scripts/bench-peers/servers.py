"""What the benchmark starts: each server on core 0, everything else on core 1. All of it
is ended at the end, by its process."""
import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BUILT = os.environ["BENCH_BUILT"]  # the folder of the programs that run.sh has built
WORK = tempfile.mkdtemp(prefix="bench-peers-")
TICK = os.sysconf("SC_CLK_TCK")
STARTED = []


def stop():
    for process in reversed(STARTED):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    shutil.rmtree(WORK, ignore_errors=True)


atexit.register(stop)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def port():
    """A free port. It is not held, but nobody else is asked for one meanwhile."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(core, *command, ready):
    log = f"{WORK}/{len(STARTED)}.log"
    with open(log, "w") as out:
        process = subprocess.Popen(["taskset", "-c", str(core), *command], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    STARTED.append(process)
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            if ready():
                return process
        except (OSError, ValueError):
            pass
        time.sleep(0.1)
    with open(log) as said:
        sys.exit(f"did not start: {' '.join(command)}\n{said.read()[-2000:]}")


def run(*command, **more):
    return subprocess.run(command, check=True, **more)


def fetch(url, body=None, token=""):
    headers = {"Content-Type": "application/json", **({"Authorization": token} if token else {})}
    request = urllib.request.Request(url, data=body and body.encode(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def lines(name):
    with open(f"{WORK}/{name}") as file:
        return file.read().split("\n")[:-1]



class Server:
    """A server that answers GraphQL, and how it is measured. count gives how many objects
    it has allocated so far; None where nobody can tell."""

    def __init__(self, name, listen, *command, token="", ready, count=None):
        self.name, self.url, self.token, self.count = name, f"http://127.0.0.1:{listen}/graphql", token, count
        self.process = start(0, *command, ready=lambda: self.answer(ready).get("data"))

    def answer(self, body, token=None):
        return json.loads(fetch(self.url, body, self.token if token is None else token))

    def data(self, body, token=None):
        answer = self.answer(body, token)
        if answer.get("errors") or not answer.get("data"):
            sys.exit(f"{self.name} answers {body[:200]}\nwith {json.dumps(answer)[:600]}")
        return answer["data"]

    def rss(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(next(l for l in status if l.startswith("VmRSS")).split()[1]) / 1024


def cpu(process):
    """The seconds that a process has computed, in user and kernel mode."""
    with open(f"/proc/{process.pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Stores:
    """MongoDB with the demo in one database, as the gateway keeps it, and its plain copy
    in another; and SQLite with the demo."""

    def __init__(self):
        at = port()
        os.makedirs(f"{WORK}/db")
        uri = f"mongodb://127.0.0.1:{at}"
        self.mongod = start(
            1, os.environ["MONGOD"], "--replSet", "rs0", "--dbpath", f"{WORK}/db", "--port", str(at),
            "--bind_ip", "127.0.0.1", "--wiredTigerCacheSizeGB", "0.5", ready=lambda: self.listens(at),
        )
        run("node", f"{HERE}/helper.cjs", "rs", uri)
        self.mongo, self.plain = f"{uri}/crm?replicaSet=rs0", f"{uri}/plain?replicaSet=rs0"
        self.sqlite = f"sqlite:{WORK}/demo.db"
        for store in self.mongo, self.sqlite:
            self.load_demo(store)
        with open(f"{WORK}/dump.ndjson", "w") as dump:
            run(f"{BUILT}/gateway", "dump", "--store", self.sqlite, stdout=dump)
        run("node", f"{HERE}/plain.cjs", f"{WORK}/dump.ndjson", self.plain, WORK)

    @staticmethod
    def listens(at):
        socket.create_connection(("127.0.0.1", at), 1).close()
        return True

    @staticmethod
    def load_demo(store):
        command = [f"{BUILT}/gateway", "demo", "--json", "--listen", "127.0.0.1:0", "--store", store]
        with open(f"{WORK}/demo.log", "w") as log:
            demo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
            STARTED.append(demo)
            loaded = demo.stdout.readline()
            demo.terminate()
            demo.wait(20)
        if not loaded:
            with open(f"{WORK}/demo.log") as log:
                sys.exit(f"the demo did not start: {log.read()[-2000:]}")


class Callers:
    """An OpenID issuer of staff's and portal customers' tokens, and the settings of
    gateways that take them: the defaults, but for the rates, which one caller at full
    speed would meet."""

    def __init__(self, stores):
        at = port()
        portal = lines("front")[:50]
        with open(f"{WORK}/portal-ids", "w") as file:
            file.write("\n".join(portal) + "\n")
        start(1, "node", f"{HERE}/helper.cjs", "issuer", str(at), WORK, f"{WORK}/portal-ids", ready=lambda: os.path.exists(f"{WORK}/staff"))
        issuer, keys = f"http://127.0.0.1:{at}/", f"http://127.0.0.1:{at}/jwks"
        with open(f"{WORK}/staff") as token:
            self.staff = token.read()
        self.customers = portal
        with open(f"{WORK}/gateway.yaml", "w") as settings:
            settings.write(f"""auth:
  api_keys: true
  issuers:
    - {{name: staff, issuer: "{issuer}", audience: bench, jwks_url: "{keys}", principal: staff, roles_claim: roles, role_map: {{ADMIN: ADMIN}}}}
    - {{name: portal, issuer: "{issuer}portal/", audience: portal, jwks_url: "{keys}", principal: customer, customer_claim: customer}}
limits: {{requests_per_second: 1000000, address_requests_per_second: 1000000, cost_per_minute: 1000000000}}
""")
        # A key of the shop's own orders, and one of the customers that the shop knows: what
        # the one may not ask, the other may.
        self.by_source = self.key(stores.mongo, "--sources", "online-retail")
        self.by_own = self.key(stores.mongo, "--own", "online-retail")

    @staticmethod
    def key(store, *rows):
        scopes = "customers:read,orders:read,products:read,tickets:read,interactions:read,recommendations:read"
        made = run(f"{BUILT}/gateway", "keys", "create", "--store", store, "--name", "bench", "--scopes", scopes, *rows, "--json", capture_output=True)
        return "Bearer " + json.loads(made.stdout)["key"]


def gateway(name, store, token, ready):
    listen, admin = port(), port()

    def mallocs():
        text = fetch(f"http://127.0.0.1:{admin}/metrics")
        return float(next(l for l in text.split("\n") if l.startswith("go_memstats_mallocs_total ")).split()[1])

    return Server(
        name, listen, f"{BUILT}/gateway", "serve", "--config", f"{WORK}/gateway.yaml", "--store", store,
        "--listen", f"127.0.0.1:{listen}", "--admin-listen", f"127.0.0.1:{admin}", token=token, ready=ready, count=mallocs,
    )


def by_hand(name, store, ready, *flags):
    listen = port()
    command = [f"{BUILT}/gohandler", *flags, "-listen", f"127.0.0.1:{listen}", "-mongo", store]
    return Server(name, listen, *command, ready=ready, count=lambda: float(fetch(f"http://127.0.0.1:{listen}/mallocs")))


def in_node(name, program, store, ready):
    listen = port()
    return Server(name, listen, "node", f"{HERE}/peers/{program}.cjs", str(listen), store, ready=ready)
