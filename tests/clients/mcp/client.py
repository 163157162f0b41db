"""Lists and calls every tool with the Python client, over stdio or over HTTP.

usage: client.py stdio PROGRAM BUNDLE | client.py http URL
"""

import asyncio
import sys

from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

DATE = "2026-04-01"
CALLS = {
    "search_codes": ({"query": "diabetic foot ulcer", "date": DATE, "limit": 3}, "E11.621"),
    "get_code": ({"codes": ["E11.621", "nonsense"], "date": DATE, "include": ["notes"]}, "foot ulcer"),
    "validate_codes": ({"codes": ["E11.62", "E11.621"], "date": DATE}, "header"),
    "check_edits": ({"date": DATE, "diagnoses": ["E11.9", "E10.9"]}, "icd_excludes1"),
    "browse": ({"system": "icd10cm", "code": "E11.62", "date": DATE}, "E11.628"),
    "list_releases": ({"date": DATE}, "icd10cm"),
}


async def ask(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == set(CALLS), sorted(tools)
    for name, (arguments, expected) in CALLS.items():
        assert tools[name].output_schema, name
        # The client itself holds structured answers against the output schema.
        result = await client.call_tool(name, arguments)
        assert not result.is_error, (name, result)
        assert expected in str(result.structured_content), (name, result)
        print(f"  {name}: ok")
    refused = await client.call_tool("search_codes", {"query": "x", "date": "soon"})
    assert refused.is_error, refused
    resources = await client.list_resources()
    assert [str(it.uri) for it in resources.resources] == ["codes://releases"]
    code = await client.read_resource("codes://icd10cm/2026/E11.9")
    assert "without complications" in code.contents[0].text
    prompts = await client.list_prompts()
    assert [it.name for it in prompts.prompts] == ["code-this-note"]
    prompt = await client.get_prompt("code-this-note", {"note": "foot ulcer", "date": DATE})
    assert "foot ulcer" in prompt.messages[0].content.text
    print(f"  resources and prompt: ok (protocol {client.protocol_version})")


async def main() -> None:
    if sys.argv[1] == "stdio":
        program, bundle = sys.argv[2:4]
        server = stdio_client(
            StdioServerParameters(command=program, args=["mcp", "--bundle", bundle])
        )
    else:
        server = sys.argv[2]
    async with Client(server) as client:
        await ask(client)


asyncio.run(main())
