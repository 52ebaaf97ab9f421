"""Asks a gateway the agreed documents with gql, and prints what it got as JSON.

The address and the Authorization headers are in the environment.
"""

import json
import os
import pathlib

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.httpx import HTTPXTransport

JOURNEYS = pathlib.Path(os.environ["JOURNEYS"])


def client(name, introspect=True):
    headers = {"Authorization": os.environ[name]} if os.environ[name] else {}
    transport = HTTPXTransport(url=os.environ["GATEWAY_URL"], headers=headers, timeout=60)
    return Client(transport=transport, fetch_schema_from_transport=introspect)


def ask(session, journey, **variables):
    text = (JOURNEYS / f"{journey}.graphql").read_text()
    try:
        return session.execute(GraphQLRequest(text, variable_values=variables))
    except TransportQueryError as error:
        first = error.errors[0]
        return {"failed": {"code": first["extensions"]["code"], "path": first.get("path"), "data": error.data}}
    except TransportServerError as error:
        return {"failed": {"status": error.code}}


# Staff and partners let the client read the schema, and so check documents before
# they are sent; customers may not read it.
staff, partner, portal = client("GATEWAY_STAFF"), client("GATEWAY_PARTNER"), client("GATEWAY_PORTAL", introspect=False)
example = os.environ["CUSTOMER"]
answers = {}
with staff as session:
    answers["dashboard/search"] = ask(session, "dashboard/search", text="an")
    answers["dashboard/customer-360"] = ask(session, "dashboard/customer-360", id=example, orders=20)
with partner as session:
    answers["partner/changed"] = ask(session, "partner/changed", since="2000-01-01T00:00:00Z")
    answers["partner/resolve"] = ask(session, "partner/resolve", source="online-retail", externalId="17850")
with portal as session:
    answers["portal/home"] = ask(session, "portal/home", orders=20)
    answers["probe/node"] = ask(session, "probe/node", id=example)
    answers["denied"] = ask(session, "partner/resolve", source="online-retail", externalId="17850")
with client("NOBODY", introspect=False) as session:
    answers["unauthenticated"] = ask(session, "probe/node", id=example)
print(json.dumps(answers))
