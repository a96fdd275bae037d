"""Which small files do tests of the REST interface deploy?"""

import json

DECISION = b"""<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="risk-file" name="Risk" namespace="test">
  <decision id="risk" name="Risk">
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="amount" label="Amount"><inputExpression id="in" typeRef="number"><text>amount</text></inputExpression></input>
      <output id="level" name="level" typeRef="string"/>
      <rule id="high"><inputEntry id="i1"><text>&gt; 1000</text></inputEntry><outputEntry id="o1"><text>"high"</text></outputEntry></rule>
      <rule id="low"><inputEntry id="i2"><text>-</text></inputEntry><outputEntry id="o2"><text>"low"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""
FORM = json.dumps(
    {
        "id": "approval",
        "type": "default",
        "schemaVersion": 16,
        "components": [{"id": "Field_1", "type": "checkbox", "key": "approved", "label": "Approved"}],
    }
).encode()

AGENT = b"""id: facts
name: Fact finder
responsibility: Finds order numbers.
owner: tests@example.org
kind: function
function: gatewise.extract_facts
config:
  identifiers: {orderNumber: ["A-\\\\d{5}"]}
input:
  type: object
  required: [text]
  properties: {text: {type: string}}
output:
  type: object
  properties: {orderNumber: {type: [string, "null"]}}
"""
