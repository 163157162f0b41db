// fhir-kit-client against a running codebook; the address of the service is the one argument.
import assert from "node:assert/strict";
import { Client } from "fhir-kit-client";

const CM = "http://hl7.org/fhir/sid/icd-10-cm";
const value = (parameters, name) => {
  const found = parameters.parameter.find((parameter) => parameter.name === name);
  return found && found[Object.keys(found).find((key) => key.startsWith("value"))];
};

for (const [release, version] of [["R4", "4.0.1"], ["R5", "5.0.0"]]) {
  const client = new Client({ baseUrl: `${process.argv[2]}/fhir/${release}` });
  const statement = await client.capabilityStatement();
  assert.equal(statement.fhirVersion, version);

  const found = await client.search({ resourceType: "CodeSystem", searchParams: { url: CM } });
  assert.equal(found.type, "searchset");
  assert.equal(found.entry[0].resource.url, CM);
  const read = await client.read({ resourceType: "ValueSet", id: "icd10cm" });
  assert.equal(read.url, `${CM}?fhir_vs`);

  const told = await client.operation({
    name: "$lookup", resourceType: "CodeSystem", method: "GET", input: { system: CM, code: "E11.9" },
  });
  assert.equal(value(told, "display"), "Type 2 diabetes mellitus without complications");
  const said = await client.operation({
    name: "$validate-code",
    resourceType: "CodeSystem",
    input: {
      resourceType: "Parameters",
      parameter: [{ name: "url", valueUri: CM }, { name: "code", valueCode: "W21.89A" }],
    },
  });
  assert.equal(value(said, "result"), false);
  const expanded = await client.operation({
    name: "$expand", resourceType: "ValueSet", id: "icd10cm", method: "GET", input: { filter: "gout", count: 3 },
  });
  assert.equal(expanded.expansion.contains.length, 3);
  assert.match(expanded.expansion.contains[0].code, /^M10/);

  await assert.rejects(client.read({ resourceType: "CodeSystem", id: "plum" }), (error) => {
    assert.equal(error.response.status, 404);
    assert.equal(error.response.data.resourceType, "OperationOutcome");
    return true;
  });
}
console.log("fhir-kit-client: as expected");
