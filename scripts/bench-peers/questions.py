"""What is asked, and whether the answers are the same."""
import json
import sys

from servers import HERE, WORK, lines

CUSTOMER_360 = f"{HERE}/../../internal/test/schema/testdata/journeys/dashboard/customer-360.graphql"
VALUE = "@VALUE@"
PAGES = 10  # of a walk
FEW = 4  # connections
FULL = ["Adam Adams", "Edward Edwards", "William Williams"]  # Each finds more than a page, as the one is the other's beginning.
# What each server makes in its own way, or by its own clock.
OWN = {"cursor", "endCursor", "asOf", "computedAt"}


class Question:
    """A document with its variables, one of which may be drawn from a list; also are values
    that only its comparison takes, times is how many requests make one of it. Large answers
    are asked on few connections: what is under way when a round ends has been computed and
    is not counted."""

    def __init__(self, name, document, variable=None, values=(), also=(), times=1, connections=16):
        operation = document[document.index("query ") + 6 :].split("{")[0].split("(")[0].strip()
        body = json.dumps({"query": document, "operationName": operation, "variables": {variable: VALUE} if variable else {}})
        self.name, self.times, self.connections = name, times, connections
        self.values, self.also = [json.dumps(v) for v in values], [json.dumps(v) for v in also]
        self.body = body.replace(json.dumps(VALUE), VALUE)

    def bodies(self, most):
        """Bodies with values from all over the lists."""
        if VALUE not in self.body:
            return [self.body]
        drawn = [v for list in (self.values, self.also) for v in list[:: max(1, len(list) // most)]]
        return [self.body.replace(VALUE, v) for v in drawn]

    def walk(self, server, token=None):
        """The pages of a walk, each asked with the cursor of the one before; and what was
        given as cursors."""
        after, pages = [None], []
        for _ in range(PAGES):
            pages.append(server.data(self.body.replace(VALUE, json.dumps(after[-1])), token))
            after.append(pages[-1]["orders"]["pageInfo"]["endCursor"])
        return pages, after[:-1]


def document(name):
    with open(CUSTOMER_360 if name == "q4" else f"{HERE}/queries/{name}.graphql") as file:
        return file.read().strip()


def questions():
    """Q1 to Q7. The customers of the customer-360 view are at the top of the list by latest
    update, where each has something at every level; it is compared for others too, some of
    whom are organizations or have refused recommendations."""
    return {
        "Q1": Question("Q1", document("q1"), "id", lines("ids")),
        "Q2": Question("Q2", document("q2"), connections=FEW),
        "Q3": Question("Q3", document("q3"), connections=FEW),
        "Q4": Question("Q4", document("q4"), "id", lines("front"), also=lines("ids")),
        "Q5": Question("Q5", document("q5"), "text", FULL + lines("texts")[:3], also=lines("texts")),
        "Q6": Question("Q6", document("q6"), connections=FEW),
        "Q7": Question("Q7", document("q7"), "after", times=PAGES, connections=FEW),
    }


def of_people(asked):
    """Those of the questions that a partner's key of one source may ask, of people, as
    organizations are not the source's."""
    return [Question("Q1", document("q1"), "id", lines("front"))] + [asked[name] for name in ("Q2", "Q3", "Q5", "Q7")]


def of_partner():
    return Question("Q4 partner", document("q4-partner"), "id", lines("front"))


def of_portal(name, ids):
    """What a customer asks of themselves, and staff of the same customers."""
    fragment = document(f"{name.lower()}-portal")
    own = Question(f"{name} portal", "query Own { viewer { customer { ...Asked } } }\n" + fragment)
    staff = Question(f"{name} portal", "query Own($id: ID!) { customer(id: $id) { ...Asked } }\n" + fragment, "id", ids)
    return own, staff


def comparable(value):
    if isinstance(value, dict):
        return {k: "…" if k in OWN and v is not None else comparable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [comparable(v) for v in value]
    return value


def compare(servers, asked):
    """Ends the run where a server's data differ from the first one's, members' order
    included. Takes down the cursors that each server gives in a walk."""
    for q in asked:
        if q.times > 1:
            answers = [(None, [walk(q, s) for s in servers])]
        else:
            answers = ((body, [s.data(body) for s in servers]) for body in q.bodies(200 if q.name == "Q1" else 50))
        for body, (first, *others) in answers:
            want = json.dumps(comparable(first))
            for server, other in zip(servers[1:], others):
                if (got := json.dumps(comparable(other))) != want:
                    at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
                    sys.exit(f"{server.name} answers {q.name} with other data: {body}\n… {got[max(0, at - 200):at + 200]}\nand not\n… {want[max(0, at - 200):at + 200]}")
    if asked:
        print(f"The same data: {', '.join(s.name for s in servers)}; {', '.join(q.name for q in asked)}.", flush=True)


def walk(q, server, token=None):
    pages, after = q.walk(server, token)
    with open(cursors(server, token), "w") as file:
        file.write("".join(json.dumps(a) + "\n" for a in after))
    return pages


def cursors(server, token=None):
    """The file of the cursors that a server gave a caller."""
    return f"{WORK}/cursors-{server.process.pid}-{abs(hash(token or server.token))}"
