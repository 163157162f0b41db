"""Public FHIR clients against a running codebook; the address of its base is the one argument.

fhir.resources (R4B models) reads every answer, so that a wrong type, a missing member or
a member that FHIR does not have fails. fhirpy and fhirclient then do what applications do.
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

from fhir.resources.R4B import get_fhir_model_class
from fhirclient import client as smart
from fhirclient.models import codesystem, valueset
from fhirpy import SyncFHIRClient

CM = "http://hl7.org/fhir/sid/icd-10-cm"
DAY = "2026-01-15"

INVENTED = {
    "resourceType": "CodeSystem",
    "url": "http://example.org/plums",
    "version": "1",
    "status": "active",
    "content": "complete",
    "property": [{"code": "colour", "type": "code"}],
    "concept": [
        {
            "code": "plum",
            "display": "Plum",
            "concept": [
                {"code": "damson", "display": "Damson", "property": [{"code": "colour", "valueCode": "blue"}]},
                {"code": "mirabelle", "display": "Mirabelle", "property": [{"code": "colour", "valueCode": "yellow"}]},
            ],
        }
    ],
}


def asked(base, path, body=None):
    """The status and the resource that an address answers, read by its R4B model."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{base}/{path}", data=data)
    request.add_header("Accept", "application/fhir+json")
    request.add_header("Content-Type", "application/fhir+json")
    try:
        with urllib.request.urlopen(request) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    resource = json.loads(text)
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    return status, resource


def query(**parameters):
    return urllib.parse.urlencode({name: value for name, value in parameters.items()})


def value(parameters, name):
    for parameter in parameters["parameter"]:
        if parameter["name"] == name:
            return next((parameter[key] for key in parameter if key.startswith("value")), parameter.get("resource"))
    return None


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: found {found!r}, expected {wanted!r}")


def parameters(*pairs):
    parts = [dict({"name": name}, **{kind: content}) for name, kind, content in pairs]
    return {"resourceType": "Parameters", "parameter": parts}


def models(base):
    """Every kind of answer, read by the models."""
    is_r4 = base.endswith("R4")
    for path in ["metadata", "metadata?mode=terminology", "CodeSystem", "ValueSet", "ConceptMap", "$versions"]:
        if path != "metadata?mode=terminology" or is_r4:
            expect(path, asked(base, path)[0], 200)
    for kind in ["CodeSystem", "ValueSet"]:
        for entry in asked(base, kind)[1]["entry"]:
            identifier = entry["resource"]["id"]
            expect(identifier, asked(base, f"{kind}/{identifier}")[0], 200)
    about = query(system=CM, code="S52.501A", property="*", date=DAY)
    status, told = asked(base, f"CodeSystem/$lookup?{about}")
    expect("lookup", (status, value(told, "version")), (200, "2026"))
    status, outcome = asked(base, "CodeSystem/$lookup?" + query(system=CM, code="S52.XX"))
    expect("unknown code", (status, outcome["issue"][0]["code"]), (404, "not-found"))
    for code, result in [("E11.9", True), ("e119", True), ("E11", True), ("W21.89A", False), ("Z99.99", False)]:
        status, said = asked(base, "CodeSystem/$validate-code?" + query(url=CM, code=code, date=DAY))
        expect(code, (status, value(said, "result")), (200, result))
    billable = f"{CM}?fhir_vs=billable"
    for code, result in [("E11.9", True), ("E11", False)]:
        said = asked(base, "ValueSet/$validate-code?" + query(url=billable, system=CM, code=code, date=DAY))[1]
        expect(code, value(said, "result"), result)
    found = asked(base, "ValueSet/$expand?" + query(url=f"{CM}?fhir_vs", filter="type 2 diabetes with foot ulcer", count=3))[1]
    expect("first found", found["expansion"]["contains"][0]["code"], "E11.621")
    expect("too costly", asked(base, "ValueSet/icd10cm/$expand")[0], 422)
    related = asked(base, "CodeSystem/$subsumes?" + query(system=CM, codeA="E11", codeB="E11.9"))[1]
    expect("subsumes", value(related, "outcome"), "subsumes")
    translated = asked(base, "ConceptMap/$translate?" + query(system=CM, code="E11.9"))[1]
    expect("no map is loaded", value(translated, "result"), False)
    expect("bad parameter", asked(base, "ValueSet/icd10cm/$expand?count=-1")[0], 400)
    sent(base)


def sent(base):
    """Resources that come with the question, and several questions at once."""
    composed = {
        "resourceType": "ValueSet",
        "url": "http://example.org/blue-plums",
        "status": "active",
        "compose": {
            "include": [
                {"system": INVENTED["url"], "filter": [{"property": "concept", "op": "descendent-of", "value": "plum"}]},
                {"system": CM, "filter": [{"property": "concept", "op": "is-a", "value": "E11.62"}]},
            ],
            "exclude": [{"system": INVENTED["url"], "filter": [{"property": "colour", "op": "=", "value": "yellow"}]}],
        },
    }
    together = [("tx-resource", "resource", INVENTED), ("valueSet", "resource", composed)]
    found = asked(base, "ValueSet/$expand", parameters(*together))[1]
    codes = [one["code"] for one in found["expansion"]["contains"]]
    expect("composed", codes[:2], ["damson", "E11.62"])
    one = parameters(("coding", "valueCoding", {"system": INVENTED["url"], "code": "damson"}), *together)
    other = parameters(("coding", "valueCoding", {"system": INVENTED["url"], "code": "mirabelle"}), *together)
    both = parameters(("validation", "resource", one), ("validation", "resource", other))
    answers = asked(base, "ValueSet/$batch-validate-code", both)[1]["parameter"]
    expect("batch", [value(answer["resource"], "result") for answer in answers], [True, False])
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [
            {"request": {"method": "GET", "url": "CodeSystem/$lookup?" + query(system=CM, code="E11.9")}},
            {"request": {"method": "POST", "url": "ValueSet/$expand"}, "resource": parameters(*together)},
            {"request": {"method": "GET", "url": "Patient/1"}},
        ],
    }
    entries = asked(base, "", bundle)[1]["entry"]
    expect("bundle", [entry["response"]["status"] for entry in entries], ["200", "200", "404"])


def fhirpy_client(base):
    client = SyncFHIRClient(base)
    systems = client.resources("CodeSystem").search(url=CM).fetch_all()
    expect("fhirpy: search", {system["url"] for system in systems}, {CM})
    expect("fhirpy: read", client.reference("ValueSet", "icd10cm").to_resource()["url"], f"{CM}?fhir_vs")
    told = client.execute("CodeSystem/$lookup", method="get", params={"system": CM, "code": "E11.9"})
    expect("fhirpy: lookup", value(told, "display"), "Type 2 diabetes mellitus without complications")
    body = parameters(("url", "valueUri", CM), ("code", "valueCode", "e11.9"))
    said = client.execute("CodeSystem/$validate-code", method="post", data=body)
    expect("fhirpy: validate", value(said, "normalized-code"), "E11.9")
    found = client.execute("ValueSet/$expand", method="get", params={"url": f"{CM}?fhir_vs", "filter": "plantar fasciitis"})
    expect("fhirpy: expand", found["expansion"]["contains"][0]["code"], "M72.2")


def smart_client(base):
    server = smart.FHIRClient(settings={"app_id": "codebook", "api_base": base}).server
    found = codesystem.CodeSystem.where(struct={"url": CM}).perform_resources(server)
    expect("fhirclient: search", {system.url for system in found}, {CM})
    expect("fhirclient: read", valueset.ValueSet.read("icd10cm", server).url, f"{CM}?fhir_vs")
    told = server.request_json("CodeSystem/$lookup?" + query(system=CM, code="E11.9"))
    expect("fhirclient: lookup", value(told, "name"), "ICD-10-CM")
    said = server.post_json("CodeSystem/$validate-code", parameters(("url", "valueUri", CM), ("code", "valueCode", "E11.X"))).json()
    expect("fhirclient: validate", value(said, "result"), False)
    found = valueset.ValueSet(server.request_json("ValueSet/icd10cm/$expand?" + query(filter="carpal tunnel", count=5)))
    expect("fhirclient: expand", found.expansion.contains[0].code[:5], "G56.0")


if __name__ == "__main__":
    root = sys.argv[1]
    models(f"{root}/fhir/R4")
    fhirpy_client(f"{root}/fhir/R4")
    smart_client(f"{root}/fhir/R4")
    print("fhir.resources, fhirpy, fhirclient: as expected")
