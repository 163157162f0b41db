"""Searches and looks up with the client that was generated from /openapi.json."""

import datetime
import sys

from client import Client
from client.api.codes import code, releases
from client.api.search import complete, search, search_batch, search_by_post
from client.models import CodeSystem, Problem, ReadBody, SearchBatchBody, SearchBody, SearchItem

DAY = datetime.date(2026, 4, 1)


def first_code(answer):
    return answer.results[0].code


def main(base):
    client = Client(base_url=base)

    found = search.sync(client=client, q="T2DM w/ foot ulcer", date=DAY, billable=True, limit=3)
    assert first_code(found) == "E11.621", found
    assert found.release["icd10cm"].version == "2026"

    ms = search_by_post.sync(client=client, body=SearchBody(q="MS", date=DAY, limit=1))
    assert "mitral stenosis" in ms.query.expanded[0].others
    read = [ReadBody(from_="MS", to="mitral stenosis")]
    body = SearchBody(q="MS", read=read, date=DAY, limit=1)
    assert "mitral stenosis" in search_by_post.sync(client=client, body=body).results[0].display

    fracture = search.sync(client=client, q="S52.501", date=DAY)
    sides = next(group for group in fracture.groups if group.axis == "laterality")
    assert [option.value for option in sides.options] == ["right", "left", "unspecified"]

    queries = [SearchItem(id="a", q="asthma", date=DAY), SearchItem(id="b", q="gout", limit=1)]
    batch = search_batch.sync(client=client, body=SearchBatchBody(queries=queries))
    assert [one.id for one in batch.answers] == ["a", "b"]
    assert first_code(batch.answers[0].answer).startswith("J45")

    typed = complete.sync(client=client, q="pneumo", date=DAY)
    assert typed.completions

    detail = code.sync(client=client, system="icd10cm", code="e11621", date=DAY)
    assert (detail.code, detail.billable) == ("E11.621", True)
    unknown = code.sync(client=client, system="icd10cm", code="E11.66", date=DAY)
    assert isinstance(unknown, Problem) and unknown.code == "code-unknown", unknown

    loaded = releases.sync(client=client, date=DAY)
    assert [one.version for one in loaded.releases if one.answers] == ["2026"]
    print("the generated client searched, completed, looked up and listed releases")


if __name__ == "__main__":
    main(sys.argv[1])
