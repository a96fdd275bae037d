"""Over which items does a multi-instance activity run, in plain BPMN and in a vendor's dialect?"""

from bpmn.dialects.vendor import vendor_attribute
from bpmn.extensions import Extensions
from bpmn.juel import JUEL
from bpmn.namespaces import B
from bpmn.reading import Reading
from bpmn.xml import Element, text_of


def read_repeat(multi: Element, ext: Extensions, reading: Reading) -> None:
    """The vendor's `collection`, else `loopDataInputRef`; both name a variable or give an expression."""
    collection = vendor_attribute(multi, "collection") or text_of(multi.find(B + "loopDataInputRef"))
    if not collection:
        return
    ext.says_something = True
    if collection.startswith("=") or JUEL.search(collection):
        ext.input_collection = reading.value(collection, multi, "input collection", juel=True)
    else:
        ext.input_collection = reading.compile(collection, multi, "input collection")
    ext.input_element = vendor_attribute(multi, "elementVariable") or _name(multi, "inputDataItem")
    output, item = text_of(multi.find(B + "loopDataOutputRef")), _name(multi, "outputDataItem")
    if output and item:
        ext.output_collection = output
        ext.output_element = reading.compile(item, multi, "output element")


def _name(multi: Element, tag: str) -> str | None:
    item = multi.find(B + tag)
    return None if item is None else item.get("name") or item.get("id")
